public import Ledger
import Metering

/// A call of a session and the calls made on its behalf, as their spans tell.
public struct SessionStep: Hashable, Sendable {
    /// The charge.
    public let charge: Charge
    /// The calls whose parent span is this call's.
    public private(set) var children: [SessionStep] = []

    /// Orders charges into trees: a call whose parent span is no other call's stands on the first level.
    ///
    /// Steps come in the order of their times; a ring of parents, which no tracer makes, hides nothing.
    public static func trees(of charges: [Charge]) -> [SessionStep] {
        let sorted = charges.sorted { ($0.call.eventTime, $0.call.number) < ($1.call.eventTime, $1.call.number) }
        var bySpan: [Span: Int] = [:]
        for (index, charge) in sorted.enumerated() {
            if let trace = charge.call.trace { bySpan[Span(trace: trace.traceID, span: trace.spanID)] = index }
        }
        var children: [Int: [Int]] = [:]
        var roots: [Int] = []
        for (index, charge) in sorted.enumerated() {
            if let parent = parent(of: charge, bySpan), parent != index {
                children[parent, default: []].append(index)
            } else {
                roots.append(index)
            }
        }
        var placed: Set<Int> = []
        var trees = roots.map { tree($0, sorted, children, &placed) }
        for index in sorted.indices where !placed.contains(index) {
            trees.append(tree(index, sorted, children, &placed))
        }
        return trees
    }

    private struct Span: Hashable {
        let trace: String
        let span: String
    }

    private init(charge: Charge) {
        self.charge = charge
    }

    private static func parent(of charge: Charge, _ bySpan: [Span: Int]) -> Int? {
        guard let trace = charge.call.trace, let parent = trace.parentSpanID else { return nil }
        return bySpan[Span(trace: trace.traceID, span: parent)]
    }

    private static func tree(
        _ index: Int, _ charges: [Charge], _ children: [Int: [Int]], _ placed: inout Set<Int>
    ) -> SessionStep {
        var step = SessionStep(charge: charges[index])
        placed.insert(index)
        for child in children[index] ?? [] where !placed.contains(child) {
            step.children.append(tree(child, charges, children, &placed))
        }
        return step
    }
}
