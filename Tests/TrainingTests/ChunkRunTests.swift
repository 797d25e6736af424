import Testing
import Warrant

@Suite struct ChunkRunTests {
    @Test("a document of up to eight chunks is read whole", arguments: 0...8)
    func whole(chunks: Int) {
        #expect(ChunkRun.range(of: chunks, seed: 3, step: 5, document: 7) == 0..<chunks)
    }

    @Test("of a longer one, eight in a row, and in time all of them")
    func runs() {
        let chunks = 20
        var begins = [Int](repeating: 0, count: chunks)
        for step in 0..<1_300 {
            let run = ChunkRun.range(of: chunks, seed: 3, step: step, document: 7)
            #expect(run.count == 8 && run.lowerBound >= 0 && run.upperBound <= chunks)
            #expect(run == ChunkRun.range(of: chunks, seed: 3, step: step, document: 7))
            begins[run.lowerBound] += 1
        }
        // 13 places, 100 runs each: five standard deviations are 48.
        #expect(begins[..<13].allSatisfy { (52...148).contains($0) }, "\(begins)")
    }

    @Test("another seed, step or document reads others")
    func differences() {
        func begins(_ seed: UInt64, _ document: Int) -> [Int] {
            (0..<50).map {
                ChunkRun.range(of: 500, seed: seed, step: $0, document: document).lowerBound
            }
        }
        let begins0 = begins(0, 0)
        #expect(Set(begins0).count > 25)
        #expect(begins0 != begins(1, 0) && begins0 != begins(0, 1))
    }
}
