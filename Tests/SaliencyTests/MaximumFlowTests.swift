import Encoders
import Randomness
import Saliency
import Testing

@Suite("A maximum flow")
struct MaximumFlowTests {
    /// Random capacities, of which some are zero.
    private func network(width: Int, layers: Int, seed: UInt64) -> LayeredNetwork {
        var generator = SeededGenerator(seed: seed)
        func capacities(_ count: Int) -> [Double] {
            (0..<count).map { _ in
                let isThere = generator.next() % 4 != 0
                return isThere ? Double(generator.next() % 1_000) / 1_000 : 0
            }
        }
        return LayeredNetwork(
            source: capacities(width), layers: (0..<layers).map { _ in capacities(width * width) })
    }

    /// The smallest cut of all.
    private func smallestCut(_ network: LayeredNetwork, target: Int) -> Double {
        let width = network.source.count
        let nodes = (network.layers.count + 1) * width
        let goal = network.layers.count * width + target
        // A set bit: on the source's side.
        return (0..<(1 << nodes)).filter { $0 >> goal & 1 == 0 }.reduce(.infinity) { best, side in
            var cut = 0.0
            for node in 0..<width where side >> node & 1 == 0 { cut += network.source[node] }
            for (layer, capacities) in network.layers.enumerated() {
                for from in 0..<width where side >> (layer * width + from) & 1 == 1 {
                    for to in 0..<width where side >> ((layer + 1) * width + to) & 1 == 0 {
                        cut += capacities[from * width + to]
                    }
                }
            }
            return min(best, cut)
        }
    }

    @Test("is the smallest cut", arguments: [(2, 4), (3, 2), (3, 3), (4, 2), (5, 1)])
    func smallestCuts(width: Int, layers: Int) {
        for seed in 0..<12 {
            let network = network(width: width, layers: layers, seed: UInt64(seed))
            var flow = MaximumFlow(network)
            for target in 0..<width {
                let value = flow.value(to: target)
                let cut = smallestCut(network, target: target)
                // What counts as nothing, and double precision's roundings.
                #expect(abs(value - cut) < 1e-12, "seed \(seed), target \(target)")
            }
        }
    }

    @Test("takes back what was sent the wrong way")
    func wayBack() {
        // The first path found, through the first nodes, must give its place to two others: 0→0→0
        // is full, so the second unit has to push the first from 0 to 1 in the middle layer.
        let network = LayeredNetwork(
            source: [1, 1], layers: [[1, 1, 1, 0], [1, 0, 1, 0]])
        var flow = MaximumFlow(network)
        #expect(flow.value(to: 0) == 2)
        #expect(flow.value(to: 1) == 0)
    }

    @Test("has the same bits whichever targets came before")
    func order() {
        let network = network(width: 24, layers: 4, seed: 9)
        var forward = MaximumFlow(network)
        let values = (0..<24).map { forward.value(to: $0) }
        for target in 0..<24 {
            var fresh = MaximumFlow(network)
            #expect(fresh.value(to: target) == values[target])
        }
        #expect((0..<24).reversed().map { forward.value(to: $0) } == values.reversed())
    }

    @Test("of damaged capacities ends")
    func notNumbers() {
        var flow = MaximumFlow(
            LayeredNetwork(
                source: [.nan, 1], layers: [[.nan, 1, 0.5, .nan], [1, .nan, 0.25, .nan]]))
        #expect(flow.value(to: 0) == 0.5)
        var endless = MaximumFlow(
            LayeredNetwork(source: [.infinity], layers: [[.infinity], [.infinity]]))
        #expect(endless.value(to: 0) == .infinity)
    }
}
