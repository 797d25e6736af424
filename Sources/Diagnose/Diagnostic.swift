import Errors
import JSON
import Training

/// An experiment on a model's attention, as the debate about attention as explanation made it: what is
/// asked, how it is measured, and what the findings mean.
///
/// A diagnostic is one file in this folder, and one element of `Diagnostics.all`.
package protocol Diagnostic: Sendable {
    /// What is found, as numbers: what is kept between runs.
    associatedtype Findings: Codable & Sendable

    /// Its name, what is asked and how it is measured, and the source.
    static var entry: DiagnosticEntry { get }
    /// Raised when the same model and settings give other findings.
    static var version: Int { get }

    /// The diagnostic with these settings, of which it reads those that its entry names.
    init(_ settings: DiagnosticSettings)

    /// The settings that findings depend on.
    var dependencies: StageKey.Dependencies { get }

    /// Measures.
    func findings(_ subject: DiagnosticSubject, in graph: StageGraph) throws -> Findings

    /// Whether findings that were kept can be those of these texts: counts agree, and figures lie where
    /// they can. What holds is what `report` relies on.
    func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool

    /// What the findings say.
    func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport
}

extension Diagnostic {
    package static var version: Int { 1 }
    package var dependencies: StageKey.Dependencies { [] }
}

/// What people read of a diagnostic before they run it.
package struct DiagnosticEntry: Sendable {
    /// The name of the subcommand.
    package let name: String
    /// What is asked, a question of one sentence.
    package let question: String
    /// How it is measured.
    package let measure: String
    /// Where it was published, with its section, and what differs here.
    package let source: String
    /// What it needs.
    package let needs: Needs
    /// The settings that it reads.
    package let settings: [DiagnosticSetting]

    /// What a diagnostic needs of its subject.
    package enum Needs: Sendable {
        /// No model and no data: it makes its own.
        case nothing
        /// A trained classifier with attention over words, or an encoder's support model.
        case anyModel
        /// A trained classifier with attention over words.
        case wordModel
        /// Such a classifier, and rows to train more models like it on.
        case training
        /// Rows to train models of its own on.
        case rows
    }

    /// An entry.
    package init(
        _ name: String, question: String, measure: String, source: String, needs: Needs,
        settings: [DiagnosticSetting] = []
    ) {
        self.name = name
        self.question = question
        self.measure = measure
        self.source = source
        self.needs = needs
        self.settings = settings
    }
}

/// The diagnostics by name.
package enum DiagnosticRegistry {
    /// Every diagnostic.
    package static let all: [any Diagnostic.Type] = [
        Correlation.self, Permutation.self, Adversary.self, Erasure.self, Uniform.self, Seeds.self,
        Guide.self, ModelDivergence.self, RelevanceDiagnostic.self, CopyingDiagnostic.self,
    ]

    /// The diagnostic of this name.
    ///
    /// - Throws: `WarrantError` that lists them.
    package static func named(_ name: String) throws -> any Diagnostic.Type {
        guard let found = all.first(where: { $0.entry.name == name }) else {
            throw WarrantError(
                .wrongUsage,
                "there is no diagnostic \"\(printable(name, limit: 60))\"; there are "
                    + all.map { $0.entry.name }.joined(separator: ", "))
        }
        return found
    }
}
