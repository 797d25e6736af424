import Testing
import Warrant

/// Counts how often stages were made.
private final class Counts {
    var made: [String] = []
}

/// A stage without a model: a text.
private struct FirstStage: Stage {
    let name: String
    let counts: Counts
    var key: StageKey { StageKey(StageKind("first", version: 1), [("name", .string(name))]) }

    func make(in graph: StageGraph) -> String {
        counts.made.append(name)
        return name
    }
}

/// One that follows from it.
private struct SecondStage: Stage {
    static var inputs: [any Stage.Type] { [FirstStage.self] }
    let first: FirstStage
    let name: String
    var key: StageKey {
        StageKey(
            StageKind("second", version: 1),
            [("first", .string(first.key.name)), ("name", .string(name))])
    }

    func make(in graph: StageGraph) throws -> String {
        first.counts.made.append(name)
        return try graph.output(of: first) + " " + name
    }
}

/// One that follows from that.
private struct ThirdStage: Stage {
    static var inputs: [any Stage.Type] { [SecondStage.self] }
    let second: SecondStage
    var key: StageKey {
        StageKey(StageKind("third", version: 1), [("second", .string(second.key.name))])
    }

    func make(in graph: StageGraph) throws -> String {
        second.first.counts.made.append("third")
        return try graph.output(of: second) + " third"
    }
}

/// What takes memory.
private final class Weight {}

/// Looks whether the weight that was made before is still there.
private struct WeightStage: Stage {
    final class Last {
        weak var weight: Weight?
        var wasThere: [Bool] = []
    }

    let number: Int
    let last: Last
    var key: StageKey { StageKey(StageKind("weight", version: 1), [("number", .integer(number))]) }

    func make(in graph: StageGraph) -> Weight {
        last.wasThere.append(last.weight != nil)
        let weight = Weight()
        last.weight = weight
        return weight
    }
}

@Suite("The graph of stages")
struct StageGraphTests {
    private let counts = Counts()

    private func first(_ name: String) -> FirstStage { FirstStage(name: name, counts: counts) }

    @Test func theLastOfEachTypeIsRemembered() throws {
        let graph = StageGraph(remembering: [FirstStage.self, SecondStage.self])
        let second = SecondStage(first: first("a"), name: "x")
        #expect(try graph.output(of: second) == "a x")
        #expect(try graph.output(of: second) == "a x")
        #expect(counts.made == ["x", "a"])
        // Another that follows from the same.
        #expect(try graph.output(of: SecondStage(first: first("a"), name: "y")) == "a y")
        #expect(counts.made == ["x", "a", "y"])
        // The last alone.
        #expect(try graph.output(of: second) == "a x")
        #expect(counts.made == ["x", "a", "y", "x"])
        // Others are made each time.
        for _ in 0..<2 { #expect(try graph.output(of: ThirdStage(second: second)) == "a x third") }
        #expect(counts.made.suffix(2) == ["third", "third"])
    }

    @Test func whatIsRememberedIsGivenUpBeforeTheNextIsMade() throws {
        let graph = StageGraph(remembering: [WeightStage.self])
        let last = WeightStage.Last()
        for number in [1, 1, 2, 3] {
            _ = try graph.output(of: WeightStage(number: number, last: last))
        }
        #expect(last.wasThere == [false, false, false], "one at a time")
        withExtendedLifetime(graph) { #expect(last.weight != nil, "the last stays") }
    }

    @Test func whatFollowsFromAStageGoesWithIt() throws {
        let graph = StageGraph(
            remembering: [FirstStage.self, ThirdStage.self])
        let third = ThirdStage(second: SecondStage(first: first("a"), name: "x"))
        #expect(try graph.output(of: third) == "a x third")
        #expect(try graph.output(of: first("b")) == "b")
        counts.made = []
        #expect(try graph.output(of: third) == "a x third", "through one that is not remembered")
        #expect(counts.made == ["third", "x", "a"])
    }

    @Test func namesAreThoseOfTheKindWithADigestOfAllElse() {
        let key = first("a").key
        #expect(key.name.hasPrefix("first-") && key.name.utf8.count == 6 + 16)
        #expect(key == first("a").key && key.name == first("a").key.name)
        #expect(key != first("b").key)
        let newer = StageKey(StageKind("first", version: 2), [("name", .string("a"))])
        #expect(newer.name != key.name, "a version is part of it")
    }
}
