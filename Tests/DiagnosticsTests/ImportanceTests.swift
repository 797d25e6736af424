import CKernels
import Diagnostics
import Encoders
import Randomness
import Tensors
import TestSupport
import Testing
import Tokenization

/// Importance of words beside PyTorch's recordings in double precision.
@Suite(
    "Importance of words as recorded",
    .enabled(if: Outside.hasShared, "the recordings are not there"))
struct RecordedImportanceTests {
    private let recorded: RecordedEncoders
    private let workers = Workers(threads: 1)

    init() throws { recorded = try RecordedEncoders() }

    @Test(
        arguments: RecordedEncoders.singles + RecordedEncoders.pairs,
        GradientImportance.Flow.allCases)
    func gradients(name: String, flow: GradientImportance.Flow) throws {
        let recording =
            "\(name).gradient-x-input." + (flow == .detached ? "detached" : "through-attention")
        // Pairs were recorded with constant weights alone.
        guard recorded.file.names.contains(recording) else {
            #expect(flow == .throughAttention && name.hasPrefix("pair"))
            return
        }
        let scores = GradientImportance.scores(
            try recorded.model(name), recorded.documents, questions: recorded.questions(name),
            flow: flow, workers: workers)
        for (own, expected) in zip(scores, try recorded.rows(recording)) {
            let words = Array(expected.dropFirst().dropLast())
            #expect(largestDifference(own.map { Float($0) }, words) < 5e-6)
        }
    }

    @Test(arguments: RecordedEncoders.singles + RecordedEncoders.pairs)
    func leaveOneOut(name: String) throws {
        let scores = LeaveOneOutImportance.scores(
            try recorded.model(name), recorded.documents, questions: recorded.questions(name),
            workers: workers)
        let part = name.hasPrefix("pair") ? "tvd" : "difference"
        let expected = try recorded.rows("\(name).leave-one-out.\(part)")
        for (own, expected) in zip(scores, expected) {
            let words = Array(expected.dropFirst().dropLast())
            guard let own else {
                #expect(words.count == 1 && words[0].isNaN, "undefined for a single word")
                continue
            }
            #expect(largestDifference(own.map { Float($0) }, words) < 5e-6)
        }
    }
}

@Suite("Importance of words") struct ImportanceTests {
    private static let combinations = WordEncoders.all.flatMap { encoder in
        [false, true].map { (encoder.name, $0) }
    }

    private func model(
        _ encoder: String, hasQuestion: Bool, outputs: Int
    ) throws -> AttentionClassifier {
        let model = AttentionClassifier(
            encoder: try #require(WordEncoders.named(encoder)), attention: .additive,
            WordEncoderShape(vocabularySize: 60, embeddingSize: 20, hiddenSize: 32),
            outputs: outputs, hasQuestion: hasQuestion)
        model.initialize(seed: 5)
        return model
    }

    /// Texts of 1 to 25 words, in no order of length, and a long one.
    private func ids(_ count: Int, seed: UInt64) -> [[Int32]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { index in
            let words = index == 3 ? 140 : 1 + generator.below(25)
            return [2] + (0..<words).map { _ in Int32(4 + generator.below(56)) } + [3]
        }
    }

    @Test(arguments: combinations)
    func shorterTextsGiveWhatTheyGiveWhenReadAlone(encoder: String, hasQuestion: Bool) throws {
        let model = try model(encoder, hasQuestion: hasQuestion, outputs: hasQuestion ? 3 : 1)
        let texts = ids(30, seed: 1)
        let documents = texts.map { Recordings.sentence($0) }
        let questions = hasQuestion ? ids(30, seed: 2).map { Recordings.sentence($0) } : nil
        let omissions = model.omissions(
            documents, questions: questions, workers: Workers(threads: 2))
        let isInvariant = warrant_instruction_set() == 2
        var shorter: [TokenizedDocument] = []
        var theirQuestions: [TokenizedDocument] = []
        var own: [[Float]] = []
        for (number, text) in texts.enumerated() {
            #expect(omissions[number].without.count == (text.count > 3 ? text.count - 2 : 0))
            for (word, logits) in omissions[number].without.enumerated() {
                var rest = text
                rest.remove(at: word + 1)
                shorter.append(Recordings.sentence(rest))
                if let questions { theirQuestions.append(questions[number]) }
                own.append(logits)
            }
        }
        let workers = Workers(threads: 1)
        let anew = model.logits(
            shorter, questions: hasQuestion ? theirQuestions : nil, workers: workers)
        #expect(largestDifference(own.flatMap { $0 }, anew.flatMap { $0 }) < 1e-6)
        #expect(!isInvariant || own == anew, "with AVX-512 to the bit")
        let whole = model.logits(documents, questions: questions, workers: workers)
        #expect(!isInvariant || omissions.map(\.whole) == whole)
        #expect(Set(own.map(\.description)).count > own.count / 2, "words matter")
    }

    @Test(arguments: combinations)
    func threadsDoNotChangeTheResult(encoder: String, hasQuestion: Bool) throws {
        let model = try model(encoder, hasQuestion: hasQuestion, outputs: 2)
        let documents = ids(40, seed: 3).map { Recordings.sentence($0) }
        let questions = hasQuestion ? ids(40, seed: 4).map { Recordings.sentence($0) } : nil
        func scores(threads: Int) -> ([[Double]], [[Double]?]) {
            let workers = Workers(threads: threads)
            return (
                GradientImportance.scores(
                    model, documents, questions: questions, workers: workers),
                LeaveOneOutImportance.scores(
                    model, documents, questions: questions, workers: workers)
            )
        }
        let (one, three) = (scores(threads: 1), scores(threads: 3))
        #expect(one.0 == three.0)
        #expect(one.1 == three.1)
    }

    @Test func whatIsNoWordStaysAndHasNoImportance() throws {
        let model = try model("lstm", hasQuestion: false, outputs: 1)
        // The second of three tokens between start and end is none of the text's words.
        let document = TokenizedDocument(
            ids: [2, 7, 8, 9, 3], segmentIDs: [0, 0, 0, 0, 0],
            offsets: [Range<Int>](repeating: 0..<0, count: 5), wordIndices: [-1, 0, -1, 1, -1],
            words: [0..<1, 2..<3], readWords: 2)
        let workers = Workers(threads: 1)
        let without = model.omissions([document], workers: workers)[0].without
        #expect(without.count == 2)
        #expect(GradientImportance.scores(model, [document], workers: workers)[0].count == 2)
    }

    @Test func severalClassesAddUp() throws {
        let model = try model("average", hasQuestion: false, outputs: 3)
        let document = Recordings.sentence([2, 7, 8, 9, 3])
        let workers = Workers(threads: 1)
        let all = GradientImportance.scores(model, [document], workers: workers)[0]
        var sums = [0.0, 0, 0]
        for output in 0..<3 {
            let trace = model.trace(
                [document], [.wordEmbeddings, .wordEmbeddingGradients],
                Differentiation(of: .probability, classes: [output]),
                probe: { _ in FixedWordAttention(.own) }, workers: workers
            ) { $1 }[0]
            let e = try #require(trace[.wordEmbeddings])
            let g = try #require(trace[.wordEmbeddingGradients])
            for word in 0..<3 {
                let products = (0..<20).map { e[(word + 1) * 20 + $0] * g[(word + 1) * 20 + $0] }
                sums[word] += Double(abs(products.reduce(0, +)))
            }
        }
        for word in 0..<3 { #expect(abs(all[word] - sums[word]) < 1e-6) }
        #expect(sums.contains { $0 > 1e-4 })
    }
}
