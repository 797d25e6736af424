import Foundation
import Testing

#if canImport(FoundationXML)
import FoundationXML
#endif

/// An SVG file as an XML parser reads it.
struct ReadPicture {
    private let document: XMLDocument

    init(_ svg: String) throws { document = try XMLDocument(xmlString: svg) }

    /// Elements by name, and by class where one is given, in the order in which they are painted.
    func elements(_ name: String, _ kind: String? = nil) throws -> [XMLElement] {
        let condition = kind.map { " and @class='\($0)'" } ?? ""
        return try document.nodes(forXPath: "//*[local-name()='\(name)'\(condition)]")
            .compactMap { $0 as? XMLElement }
    }

    /// An attribute of the outermost element.
    func root(_ name: String) -> String? {
        document.rootElement()?.value(name)
    }

    /// What stands in all elements of a name.
    func texts(_ name: String = "text") throws -> [String] {
        try elements(name).map { $0.stringValue ?? "" }
    }

    /// The data of paths of a class.
    func paths(_ kind: String) throws -> [String] {
        try elements("path", kind).map { $0.value("d") ?? "" }
    }

    /// All numbers of each path of a class.
    func numbers(_ kind: String) throws -> [[Double]] {
        try paths(kind).map { path in
            path.split { !"0123456789.-".contains($0) }.compactMap { Double($0) }
        }
    }

    /// The frames of the panels.
    func frames() throws -> [(left: Double, top: Double, right: Double, bottom: Double)] {
        try numbers("frame").map { ($0[0], $0[1], $0[2], $0[3]) }
    }

    /// The places of the markers of each series.
    func markers() throws -> [[(x: Double, y: Double)]] {
        try numbers("markers").map { numbers in
            stride(from: 0, to: numbers.count, by: 2).map { (numbers[$0], numbers[$0 + 1]) }
        }
    }
}

/// Whether two places are the same but for the tenth of a pixel to which a file is written.
func isSamePlace(_ one: (x: Double, y: Double), _ other: (x: Double, y: Double)) -> Bool {
    abs(one.x - other.x) <= 0.11 && abs(one.y - other.y) <= 0.11
}

extension XMLElement {
    /// An attribute. (Foundation's own look-up by name finds none in documents with a namespace.)
    func value(_ name: String) -> String? {
        attributes?.first { $0.name == name }?.stringValue
    }
}
