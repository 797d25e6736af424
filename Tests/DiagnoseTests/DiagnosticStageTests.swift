import AttentionModels
import Diagnose
import Foundation
import TestSupport
import Testing
import Warrant

@Suite("Diagnostics as stages") struct DiagnosticStageTests {
    /// The stages in a folder.
    private func store(_ folder: TemporaryFolder) throws -> StageFolder {
        let store = StageFolder(folder: folder.url)
        _ = try store.prepare()
        return store
    }

    @Test(arguments: QuickDiagnostic.all)
    func findingsAreMadeOnceAndTheSameOnAnyNumberOfThreads(_ quick: QuickDiagnostic) throws {
        let folder = try TemporaryFolder()
        let unkept = try quick.report(threads: 1)
        let made = try quick.report(threads: 2, store: store(folder))
        #expect(made.report.contents == unkept.report.contents)
        #expect(made.steps > 0)
        let (subject, _) = try quick.subject()
        #expect(try folder.names.contains(quick.diagnostic.key(subject).name + ".json"))
        #expect(try !folder.names.contains { $0.hasSuffix(".unfinished") })
        let kept = try quick.report(threads: 1, store: store(folder))
        #expect(kept.steps == 0, "what is kept is read")
        #expect(kept.report.contents == unkept.report.contents)
    }

    @Test func diagnosticsOfAModelShareIt() throws {
        let folder = try TemporaryFolder()
        let store = try store(folder)
        let model = try TinySubject().run().model.key.name
        for (place, quick) in QuickDiagnostic.cheap.enumerated() {
            let steps = try quick.report(store: store).steps
            // Of the others a search alone tells how far it is.
            #expect(place == 0 ? steps > 0 : steps == (quick.name == "adversary" ? 1 : 0))
            #expect(try folder.names.filter { $0.hasPrefix("attention-model-") } == [model])
        }
        // Two more models; the same, and two adversarial ones; these again, and models without context.
        _ = try QuickDiagnostic.named("seeds").report(store: store)
        let seeds = try folder.names.count { $0.hasPrefix("attention-model-") }
        #expect(seeds == 3)
        _ = try QuickDiagnostic.named("divergence").report(store: store)
        #expect(try folder.names.count { $0.hasPrefix("attention-model-") } == 3)
        #expect(try folder.names.count { $0.hasPrefix("adversarial-model-") } == 2)
        _ = try QuickDiagnostic.named("guide").report(store: store)
        #expect(try folder.names.count { $0.hasPrefix("adversarial-model-") } == 2)
        #expect(try folder.names.count { $0.hasPrefix("attention-model-") } == 8)
    }

    @Test(arguments: QuickDiagnostic.all)
    func aKeyHasTheSettingsThatAreReadAndNoOthers(_ quick: QuickDiagnostic) throws {
        let (subject, _) = try quick.subject()
        let key = quick.diagnostic.key(subject)
        #expect(key.name.hasPrefix(quick.name + "-"))
        for setting in DiagnosticSetting.allCases {
            var settings = quick.settings
            switch setting {
            case .throughAttention: settings.throughAttention.toggle()
            case .permutations: settings.permutations += 1
            case .distributions: settings.distributions += 1
            case .steps: settings.steps = 11
            case .orders: settings.orders += 1
            case .seeds: settings.seeds = [5, 7]
            case .lambdas: settings.lambdas = [0, 0.02]
            case .adversaryEpochs: settings.adversaryEpochs += 1
            case .patience: settings.patience += 1
            case .batch: settings.batch = 5
            }
            let changed = AnyDiagnostic(quick.type, settings).key(subject)
            #expect(
                (changed != key) == quick.type.entry.settings.contains(setting),
                "\(quick.name): \(setting.rawValue)")
        }
    }

    @Test(arguments: QuickDiagnostic.all)
    func aKeyHasTheModelAndTheRowsAndNoNames(_ quick: QuickDiagnostic) throws {
        func key(_ tiny: TinySubject, threads: Int = 1, data: String = "t") throws -> String {
            quick.diagnostic.key(try quick.subject(tiny, threads: threads, data: data).0).name
        }
        let tiny = TinySubject()
        let own = try key(tiny)
        #expect(try key(tiny, threads: 3, data: "/other/name") == own)
        var others: [TinySubject] = []
        var other = tiny
        other.options.seed = 9
        others.append(other)
        other = tiny
        other.options.encoder = "cnn"
        others.append(other)
        other = tiny
        other.options.hiddenSize = 8
        others.append(other)
        other = tiny
        other.extras = []
        others.append(other)
        // What makes its own models depends on the rows alone, or on nothing.
        let rows = others.count - 1
        for (place, other) in others.enumerated() {
            let stays =
                quick.name == "copying" || (quick.name == "relevance" && place < rows)
            #expect(try (key(other) == own) == stays, "\(place)")
        }
    }

    @Test func theSeedOfTheModelItselfIsNoOtherSeed() throws {
        for name in ["seeds", "divergence"] {
            let quick = QuickDiagnostic.named(name)
            var settings = quick.settings
            settings.seeds = [4, 1]
            let (subject, context) = try quick.subject()
            var steps = 0
            let graph = StageGraph(remembering: DiagnosticMemory.stages) { _ in steps += 1 }
            let error = #expect(throws: WarrantError.self) {
                try AnyDiagnostic(quick.type, settings).report(subject, in: graph, context)
            }
            #expect(error?.kind == .wrongUsage && error?.description.contains("seed 1") == true)
            #expect(steps == 0, "before the work")
        }
    }

    @Test func aRunThatWasStoppedGoesOnToTheSameFindings() throws {
        struct Stop: Error {}
        for name in ["correlation", "guide"] {
            let quick = QuickDiagnostic.named(name)
            let whole = try quick.report().report
            let folder = try TemporaryFolder()
            let (subject, context) = try quick.subject()
            var stops = 0
            for limit in [3, 5, 9] {
                var steps = 0
                let store = StageFolder(
                    folder: folder.url, pace: .every(seconds: 1e-9))
                _ = try store.prepare()
                let graph = StageGraph(store: store, remembering: DiagnosticMemory.stages) { _ in
                    steps += 1
                    if steps == limit { throw Stop() }
                }
                do { _ = try quick.diagnostic.report(subject, in: graph, context) } catch is Stop {
                    stops += 1
                }
            }
            #expect(stops >= (name == "guide" ? 3 : 2))
            let last = try quick.report(store: store(folder)).report
            #expect(last.contents == whole.contents)
        }
    }
}
