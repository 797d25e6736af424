/// A network of layers with `width` nodes each: from a source into the top layer, from every node of a
/// layer to every node of the next one. The bottom layer's nodes are the targets.
package struct LayeredNetwork: Sendable {
    /// What the edges from the source to the top layer carry at most [width].
    package let source: [Double]
    /// The same from each layer to the next, from the top down: [width, width], from and to.
    package let layers: [[Double]]

    /// A network of capacities, which are not negative.
    package init(source: [Double], layers: [[Double]]) {
        precondition(
            layers.allSatisfy { $0.count == source.count * source.count },
            "a capacity for each pair of nodes")
        self.source = source
        self.layers = layers
    }
}

/// Maximum flows from a layered network's source to one target after the other (Dinic 1970).
///
/// Memory: three numbers for each edge. Time for a target: a few phases, each of which visits an edge
/// at most once apart from the edges of its paths.
package struct MaximumFlow {
    /// What is left of an edge at or below this counts as nothing, so that rounding does not make
    /// paths. A flow is off by at most this times the edges of a cut.
    static let nothing = 1e-14

    private let network: LayeredNetwork
    private let width: Int
    /// Nodes are numbered layer by layer, from the top.
    private let levels: Int
    /// What the source can still send to each node of the top layer.
    private var top: [Double]
    /// What is left of the edge from (layer, from) to (layer + 1, to): [layers, from, to].
    private var down: [Double]
    /// The flow on that edge, which may be taken back: [layers, to, from].
    private var up: [Double]
    /// The edges that have carried something, as indices into `down`.
    private var used: [Int] = []
    /// How many edges lie between a node and the target; -1: there is no way, or none any more.
    private var distance: [Int]
    /// Where the search for a way down from a node goes on: below `width` an edge down, from there on
    /// an edge up.
    private var arc: [Int]

    /// A solver with no flow yet.
    package init(_ network: LayeredNetwork) {
        self.network = network
        width = network.source.count
        levels = network.layers.count + 1
        top = network.source
        down = network.layers.flatMap { $0 }
        up = Array(repeating: 0, count: down.count)
        distance = Array(repeating: -1, count: levels * width)
        arc = Array(repeating: 0, count: levels * width)
    }

    /// The maximum flow from the source to node `target` of the bottom layer.
    package mutating func value(to target: Int) -> Double {
        precondition(target >= 0 && target < width, "no node \(target)")
        guard levels > 1 else { return network.source[target] }
        reset()
        var total = 0.0
        while let length = measure(to: target) { total += block(length: length, target) }
        return total
    }

    private mutating func reset() {
        top = network.source
        let area = width * width
        for edge in used {
            let (layer, place) = (edge / area, edge % area)
            down[edge] = network.layers[layer][place]
            up[layer * area + place % width * width + place / width] = 0
        }
        used.removeAll(keepingCapacity: true)
    }

    /// Sets every node's distance to the target, as far as the source: breadth first, against the
    /// edges.
    ///
    /// - Returns: the source's distance; nil: there is no way.
    private mutating func measure(to target: Int) -> Int? {
        let area = width * width
        for node in distance.indices {
            distance[node] = -1
            arc[node] = 0
        }
        var unseen = Array(repeating: width, count: levels)
        var queue = [(levels - 1) * width + target]
        distance[queue[0]] = 0
        // Nothing leaves the other targets.
        unseen[levels - 1] = 0
        var head = 0
        while head < queue.count {
            let node = queue[head]
            head += 1
            let (level, place) = (node / width, node % width)
            let next = distance[node] + 1
            if level == 0 {
                if top[place] > Self.nothing { return next }
            } else if unseen[level - 1] > 0 {
                let first = (level - 1) * width
                for from in 0..<width
                where distance[first + from] < 0
                    && down[(level - 1) * area + from * width + place] > Self.nothing
                {
                    distance[first + from] = next
                    unseen[level - 1] -= 1
                    queue.append(first + from)
                }
            }
            guard level + 1 < levels, unseen[level + 1] > 0 else { continue }
            let first = (level + 1) * width
            for from in 0..<width
            where distance[first + from] < 0
                && up[level * area + from * width + place] > Self.nothing
            {
                distance[first + from] = next
                unseen[level + 1] -= 1
                queue.append(first + from)
            }
        }
        return nil
    }

    /// Sends flow along ways of `length` edges until each has an edge with nothing left: depth first,
    /// with the edges of each node in order, none of which is tried again once it has failed.
    ///
    /// - Returns: how much was sent.
    private mutating func block(length: Int, _ target: Int) -> Double {
        var total = 0.0
        for start in 0..<width {
            while top[start] > Self.nothing, distance[start] == length - 1 {
                let sent = advance(from: start, length: length, target)
                if sent == 0 { break }
                total += sent
            }
        }
        return total
    }

    /// Looks for ways from node `start` of the top layer, and sends what fits along the first.
    private mutating func advance(from start: Int, length: Int, _ target: Int) -> Double {
        let goal = (levels - 1) * width + target
        var path = [start]
        path.reserveCapacity(length)
        while let node = path.last {
            if node == goal { return send(path) }
            if let next = step(from: node, target) {
                path.append(next)
            } else {
                distance[node] = -1
                path.removeLast()
            }
        }
        return 0
    }

    /// The next node on a shortest way to the target; nil: there is none left.
    private mutating func step(from node: Int, _ target: Int) -> Int? {
        let (level, place) = (node / width, node % width)
        let wanted = distance[node] - 1
        let row = level * width * width + place * width
        var at = arc[node]
        if level + 1 < levels, at < width {
            let first = (level + 1) * width
            // Of the bottom layer only the target leads anywhere.
            if level + 2 == levels { at = at <= target ? target : width }
            while at < width {
                if distance[first + at] == wanted, down[row + at] > Self.nothing {
                    arc[node] = at
                    return first + at
                }
                at = level + 2 == levels ? width : at + 1
            }
        }
        at = max(at, width)
        if level > 0 {
            let first = (level - 1) * width
            let row = row - width * width
            while at < 2 * width {
                let to = at - width
                if distance[first + to] == wanted, up[row + to] > Self.nothing {
                    arc[node] = at
                    return first + to
                }
                at += 1
            }
        }
        arc[node] = 2 * width
        return nil
    }

    /// Sends the most that a path from the top layer to the target carries.
    private mutating func send(_ path: [Int]) -> Double {
        var amount = top[path[0]]
        for (from, to) in zip(path, path.dropFirst()) {
            let (edge, back) = edges(from, to)
            amount = min(amount, from < to ? down[edge] : up[back])
        }
        top[path[0]] -= amount
        for (from, to) in zip(path, path.dropFirst()) {
            let (edge, back) = edges(from, to)
            if from < to {
                if up[back] == 0 { used.append(edge) }
                down[edge] -= amount
                up[back] += amount
            } else {
                down[edge] += amount
                up[back] -= amount
            }
        }
        return amount
    }

    /// Where the edge between two nodes stands in `down` and in `up`.
    private func edges(_ from: Int, _ to: Int) -> (down: Int, up: Int) {
        let (upper, lower) = (min(from, to), max(from, to))
        let first = upper / width * width * width
        let (above, below) = (upper % width, lower % width)
        return (first + above * width + below, first + below * width + above)
    }
}
