import Tokenization

/// Texts with their classes, of two.
package struct RelevanceTexts: Sendable {
    /// A word a token, between start and end symbol.
    package let documents: [TokenizedDocument]
    /// 0 or 1 for each.
    package let labels: [Int]

    /// As many labels as documents.
    package init(documents: [TokenizedDocument], labels: [Int]) {
        precondition(
            documents.count == labels.count && labels.allSatisfy { $0 == 0 || $0 == 1 },
            "a class of two for each document")
        self.documents = documents
        self.labels = labels
    }

    /// Each word's relevance, signed towards the right class (β · (2y - 1)), for each position.
    ///
    /// - Parameter words: by id, towards class 1.
    package func signed(words: [Double]) -> [[Double]] {
        zip(documents, labels).map { document, label in
            document.ids.map { label == 1 ? words[Int($0)] : -words[Int($0)] }
        }
    }

    /// Each position's relevance, signed towards the right class.
    ///
    /// - Parameter positions: of each document, towards class 1.
    package func signed(positions: [[Float]]) -> [[Double]] {
        zip(positions, labels).map { row, label in
            row.map { label == 1 ? Double($0) : -Double($0) }
        }
    }
}
