import AttentionModels
import JSON
import Training

/// A diagnostic of a subject: its findings, made once and kept.
package struct DiagnosticStage<D: Diagnostic>: Stage {
    package static var kind: StageKind { StageKind(D.entry.name, version: D.version) }
    package static var inputs: [any Stage.Type] { [WordDataStage.self, AttentionModelStage.self] }

    /// What is measured, and how.
    package let diagnostic: D
    /// Of what.
    package let subject: DiagnosticSubject

    /// A diagnostic of a subject.
    package init(_ diagnostic: D, of subject: DiagnosticSubject) {
        self.diagnostic = diagnostic
        self.subject = subject
    }

    package var key: StageKey {
        StageKey(
            Self.kind, subject.dependencies(D.entry.needs) + diagnostic.dependencies)
    }

    package func make(in graph: StageGraph) throws -> D.Findings {
        try diagnostic.findings(subject, in: graph)
    }

    package func kept(in graph: StageGraph) throws -> D.Findings? {
        let texts = try subject.measuredSet(in: graph)
        return try graph.store.value(key) { diagnostic.isSound($0, of: texts) }
    }

    package func keep(_ output: D.Findings, in graph: StageGraph) throws {
        try graph.store.keep(output, as: key)
    }
}

/// A diagnostic with its settings, of whichever type.
package struct AnyDiagnostic: Sendable {
    /// What is known of it.
    package let entry: DiagnosticEntry
    private let run:
        @Sendable (DiagnosticSubject, StageGraph, ReportContext) throws -> DiagnosticReport
    private let keyOf: @Sendable (DiagnosticSubject) -> StageKey

    /// A diagnostic with these settings.
    package init(_ type: any Diagnostic.Type, _ settings: DiagnosticSettings) {
        self = Self.erased(type, settings)
    }

    private init<D: Diagnostic>(erasing diagnostic: D) {
        entry = D.entry
        run = { subject, graph, context in
            let findings = try graph.output(of: DiagnosticStage(diagnostic, of: subject))
            return diagnostic.report(findings, context)
        }
        keyOf = { DiagnosticStage(diagnostic, of: $0).key }
    }

    private static func erased<D: Diagnostic>(
        _ type: D.Type, _ settings: DiagnosticSettings
    ) -> AnyDiagnostic {
        AnyDiagnostic(erasing: D(settings))
    }

    /// What its findings are kept as.
    package func key(_ subject: DiagnosticSubject) -> StageKey { keyOf(subject) }

    /// The report of a subject, whose findings the graph has or makes.
    package func report(
        _ subject: DiagnosticSubject, in graph: StageGraph, _ context: ReportContext
    ) throws -> DiagnosticReport {
        try run(subject, graph, context)
    }
}
