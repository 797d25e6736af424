import Files
import Foundation
import TestSupport
import Testing
import Warrant

/// Experiments that end in the midst of a stage, and go on in it.
@Suite("Unfinished stages of an experiment")
struct UnfinishedStageTests {
    private let tiny: TinyExperiment

    init() throws { tiny = try TinyExperiment() }

    private struct Stopped: Error {}

    /// Runs the experiment into a folder.
    ///
    /// - Parameters:
    ///   - reports: how many steps it does; nil: all.
    ///   - pace: how often stages are kept; by default after each step.
    /// - Returns: whether it ended, how many steps there were, and what was said.
    private func run(
        _ output: String = "out", reports limit: Int? = nil,
        pace: TrainingCheckpoint.Pace = .every(seconds: 1e-9)
    ) throws -> (isDone: Bool, reports: Int, notices: [String]) {
        var experiment = try tiny.experiment(output: output)
        experiment.pace = pace
        var (reports, notices) = (0, [String]())
        do {
            _ = try experiment.results(of: experiment.cells()) { event in
                switch event {
                case .progress:
                    if reports == limit { throw Stopped() }
                    reports += 1
                case .notice(let line): notices.append(line)
                default: break
                }
            }
        } catch is Stopped { return (false, reports, notices) }
        return (true, reports, notices)
    }

    private func unfinished(_ output: String = "out") throws -> [String] {
        try tiny.names("\(output)/stages").filter { $0.hasSuffix(".unfinished") }
    }

    /// What stands in the stages' folder, by path, without the times that trainings took.
    private func stages(_ output: String) throws -> [String: Data] {
        let folder = "\(tiny.folder.path)/\(output)/stages"
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                continue
            }
            guard name.hasSuffix(".json"), !name.hasSuffix("config.json") else {
                files[name] = data
                continue
            }
            let text = String(decoding: data, as: UTF8.self)
            files[name] = Data(text.replacing(#/"seconds":[^,}]*/#, with: "").utf8)
        }
        return files
    }

    @Test func aRunThatWasStoppedAnywhereEndsInTheSameStages() throws {
        let whole = try run("whole", pace: .every(seconds: 0))
        #expect(whole.isDone && whole.notices.isEmpty)
        #expect(try unfinished("whole").isEmpty)
        // Stopped again and again, after ever more steps, until it is done.
        var (notices, reports, stops, kinds) = ([String](), 0, 0, Set<String>())
        for step in 1... {
            let part = try run(reports: 2 + step % 3)
            notices += part.notices
            reports += part.reports
            kinds.formUnion(
                try unfinished().compactMap { $0.split(separator: "-").first.map(String.init) })
            if part.isDone { break }
            stops += 1
            try #require(stops < 200)
        }
        #expect(stops > 10)
        #expect(kinds == ["support", "saliency", "tagger", "classifier"])
        #expect(try unfinished().isEmpty, "what is kept whole is not kept half")
        // Every step was done once; at the stops the one that was reported last was lost.
        #expect(reports <= whole.reports + 2 * stops)
        for model in ["support", "tagger", "classifier", "control random"] {
            #expect(
                notices.contains { $0.contains("training of the \(model) model goes on after") })
        }
        for work in ["extraction", "tagger's extraction"] {
            #expect(notices.contains { $0.hasPrefix(work) && $0.contains("goes on") })
        }
        #expect(try stages("out") == stages("whole"))
        for name in ["table.md", "table.csv"] {
            #expect(
                try tiny.folder.bytes(of: "out/\(name)") == tiny.folder.bytes(of: "whole/\(name)"))
        }
    }

    /// A run that was stopped in its support model's training.
    private func half() throws -> String {
        #expect(try run(reports: 3).isDone == false)
        return try #require(try unfinished().first)
    }

    @Test func whatIsDamagedIsSaidAndStartedAgain() throws {
        #expect(try run("whole").isDone)
        let name = try half()
        let file = try #require(try tiny.names("out/stages/\(name)").first { $0.contains("state") })
        try tiny.folder.file("out/stages/\(name)/\(file)", "of a disk that was full")
        let rest = try run()
        #expect(rest.isDone)
        let notice = try #require(rest.notices.first)
        #expect(
            notice.contains("out/stages/\(name)/\(file)") && notice.contains("again"), "\(notice)")
        #expect(!rest.notices.contains { $0.contains("support model goes on") })
        #expect(try stages("out") == stages("whole"))
        #expect(try unfinished().isEmpty)
    }

    @Test func whereAnotherRunTrainsTheSameItAloneKeepsIt() throws {
        let name = try half()
        let lock = try FolderLock("\(tiny.folder.path)/out/stages/\(name)")
        #expect(lock != nil)
        try withExtendedLifetime(lock) {
            let rest = try run()
            #expect(rest.isDone)
            #expect(!rest.notices.contains { $0.contains("support model goes on") })
            #expect(try unfinished() == [name], "it is the other run's")
        }
    }

    @Test func whatIsKeptWholeLeavesNoHalf() throws {
        let name = try half()
        let copy = tiny.folder.url.appendingPathComponent("half")
        let place = tiny.folder.url.appendingPathComponent("out/stages/\(name)")
        try FileManager.default.copyItem(at: place, to: copy)
        #expect(try run().isDone)
        // As a run leaves it that is killed between the two.
        try FileManager.default.copyItem(at: copy, to: place)
        for name in try tiny.names("out/stages") where name.hasPrefix("cell-") {
            try FileManager.default.removeItem(atPath: "\(tiny.folder.path)/out/stages/\(name)")
        }
        #expect(try run().isDone)
        #expect(try unfinished().isEmpty)
    }
}
