/// A network of layers with `width` nodes each: from a source into the top layer, from every node
/// of a layer to every node of the next one. The bottom layer's nodes are the targets.
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
/// - Complexity: memory O(layers · width²). For a target, a phase takes O(layers · width²) and
///   O(layers) for each path along which it sends something; attention needs one or two phases, any
///   capacities at most as many as there are nodes.
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
    /// Where the search for a way down from a node goes on: below `width` an edge down, from there
    /// on an edge up.
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

    /// A node, by its layer from the top and its place in it.
    private struct Place {
        let level: Int
        let column: Int
    }

    /// Sends flow along ways of `length` edges until each has an edge with nothing left: depth
    /// first, with the edges of each node in order, none of which is tried again once it has
    /// failed.
    ///
    /// - Returns: how much was sent.
    private mutating func block(length: Int, _ target: Int) -> Double {
        var total = 0.0
        var path: [Place] = []
        path.reserveCapacity(length)
        for start in 0..<width where distance[start] == length - 1 {
            if top[start] > Self.nothing { path.append(Place(level: 0, column: start)) }
            while let node = path.last {
                if node.level == levels - 1 {
                    let (amount, kept) = send(path)
                    total += amount
                    path.removeLast(path.count - kept)
                } else if let next = step(from: node, target) {
                    path.append(next)
                } else {
                    distance[node.level * width + node.column] = -1
                    path.removeLast()
                }
            }
        }
        return total
    }

    /// The next node on a shortest way to the target; nil: there is none left.
    private mutating func step(from node: Place, _ target: Int) -> Place? {
        let number = node.level * width + node.column
        let wanted = distance[number] - 1
        let row = number * width
        var at = arc[number]
        if node.level + 2 == levels {
            // Of the bottom layer only the target leads anywhere.
            if at < width {
                if wanted == 0, down[row + target] > Self.nothing {
                    return Place(level: levels - 1, column: target)
                }
                at = width
            }
        } else if at < width {
            let first = (node.level + 1) * width
            while at < width {
                if distance[first + at] == wanted, down[row + at] > Self.nothing {
                    arc[number] = at
                    return Place(level: node.level + 1, column: at)
                }
                at += 1
            }
        }
        if node.level > 0 {
            let first = (node.level - 1) * width
            let row = row - width * width
            while at < 2 * width {
                let to = at - width
                if distance[first + to] == wanted, up[row + to] > Self.nothing {
                    arc[number] = at
                    return Place(level: node.level - 1, column: to)
                }
                at += 1
            }
        }
        arc[number] = 2 * width
        return nil
    }

    /// Sends the most that a path from the top layer to the target carries.
    ///
    /// - Returns: how much, and how many of the path's nodes can be reached by what is left.
    private mutating func send(_ path: [Place]) -> (amount: Double, kept: Int) {
        var amount = top[path[0].column]
        for index in 1..<path.count {
            let (edge, back) = edges(path[index - 1], path[index])
            let isDown = path[index - 1].level < path[index].level
            amount = min(amount, isDown ? down[edge] : up[back])
        }
        top[path[0].column] -= amount
        var kept = top[path[0].column] > Self.nothing ? path.count : 0
        for index in 1..<path.count {
            let (edge, back) = edges(path[index - 1], path[index])
            let left: Double
            if path[index - 1].level < path[index].level {
                if up[back] == 0 { used.append(edge) }
                down[edge] -= amount
                up[back] += amount
                left = down[edge]
            } else {
                down[edge] += amount
                up[back] -= amount
                left = up[back]
            }
            // So written that a number that is none ends the path too.
            if !(left > Self.nothing) { kept = min(kept, index) }
        }
        return (amount, kept)
    }

    /// Where the edge between two nodes stands in `down` and in `up`.
    private func edges(_ from: Place, _ to: Place) -> (down: Int, up: Int) {
        let (upper, lower) = from.level < to.level ? (from, to) : (to, from)
        let first = upper.level * width * width
        return (
            first + upper.column * width + lower.column,
            first + lower.column * width + upper.column
        )
    }
}
