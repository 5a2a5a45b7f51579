public import Ledger
import Metering

/// A step of a session: a call, or an agent at work, with the steps made on its behalf.
public struct SessionStep: Hashable, Sendable {
    /// What the step is.
    public enum Kind: Hashable, Sendable {
        /// One call, or a sum of calls.
        case call(Charge)
        /// An agent that another one started. Its own usage is none: its calls hang below it.
        case agent(Agent)
    }

    /// An agent that another one started.
    public struct Agent: Hashable, Sendable {
        /// Its name, such as `Explore`, where one is known.
        public var name: String?
        /// Its first call.
        public var first: Charge
    }

    /// What it is.
    public let kind: Kind
    /// What was done on its behalf, in the order of time.
    public private(set) var children: [SessionStep] = []

    private init(_ kind: Kind) {
        self.kind = kind
    }

    /// How deep a tree goes.
    ///
    /// What lies deeper, which no agent makes but anybody can send, stands side by side on the last level.
    public static let maximumDepth = 64

    /// Orders charges into trees, in the order of their times.
    ///
    /// A call whose parent span is another call's hangs below that. Other calls of a subagent hang below a step of their
    /// agent, since the span that started it, a tool's, carries no usage and is not known here; that step hangs below the
    /// agent which started it, if it is one of the session's. All other calls stand on the first level. A ring of parents,
    /// which no tracer makes, hides nothing.
    public static func trees(of charges: [Charge]) -> [SessionStep] {
        var nodes = Nodes(charges.sorted { ($0.call.eventTime, $0.call.number) < ($1.call.eventTime, $1.call.number) })
        nodes.hangCalls()
        nodes.hangAgents()
        return nodes.trees()
    }

    fileprivate struct Span: Hashable {
        let trace: String
        let span: String
    }

    /// The steps and who is whose parent; agents stand after the calls.
    private struct Nodes {
        private let calls: [Charge]
        private var steps: [SessionStep]
        private var parents: [Int: Int] = [:]
        private var agents: [AgentIdentity: Int] = [:]

        init(_ calls: [Charge]) {
            self.calls = calls
            steps = calls.map { SessionStep(.call($0)) }
        }

        mutating func hangCalls() {
            var bySpan: [Span: Int] = [:]
            for (index, charge) in calls.enumerated() {
                if let trace = charge.call.trace { bySpan[Span(trace: trace.traceID, span: trace.spanID)] = index }
            }
            for (index, charge) in calls.enumerated() {
                if let parent = charge.call.parentSpan.flatMap({ bySpan[$0] }), parent != index {
                    parents[index] = parent
                } else if let identity = AgentIdentity(charge.call) {
                    parents[index] = step(of: identity, charge)
                }
            }
        }

        mutating func hangAgents() {
            for (_, index) in agents {
                guard case .agent(let agent) = steps[index].kind,
                    let parent = agent.first.call.attribution.parentAgentID.flatMap({ agents[.id($0)] }),
                    parent != index
                else { continue }
                parents[index] = parent
            }
        }

        func trees() -> [SessionStep] {
            // A step of an agent stands where the agent's first call does.
            let order = steps.indices.sorted { place($0) < place($1) }
            let children = Dictionary(grouping: order.filter { parents[$0] != nil }) { parents[$0] ?? 0 }
            var placed: Set<Int> = []
            let roots = order.filter { parents[$0] == nil }
            return (roots + order).compactMap { index in
                placed.contains(index) ? nil : tree(index, children, &placed)
            }
        }

        private mutating func step(of identity: AgentIdentity, _ charge: Charge) -> Int {
            if let index = agents[identity] { return index }
            agents[identity] = steps.count
            steps.append(SessionStep(.agent(Agent(name: charge.call.attribution.agentName, first: charge))))
            return steps.count - 1
        }

        private func place(_ index: Int) -> (Timestamp, Int64, Int) {
            switch steps[index].kind {
            case .call(let charge): (charge.call.eventTime, charge.call.number, 1)
            case .agent(let agent): (agent.first.call.eventTime, agent.first.call.number, 0)
            }
        }

        private func tree(
            _ index: Int, _ children: [Int: [Int]], _ placed: inout Set<Int>, depth: Int = 1
        ) -> SessionStep {
            var step = steps[index]
            placed.insert(index)
            for child in children[index] ?? [] where !placed.contains(child) {
                if depth < SessionStep.maximumDepth {
                    step.children.append(tree(child, children, &placed, depth: depth + 1))
                } else {
                    step.children += level(child, children, &placed)
                }
            }
            return step
        }

        /// A step and all below it side by side.
        private func level(_ index: Int, _ children: [Int: [Int]], _ placed: inout Set<Int>) -> [SessionStep] {
            var found: [SessionStep] = []
            var open = [index]
            while let next = open.popLast() {
                guard placed.insert(next).inserted else { continue }
                found.append(steps[next])
                open += (children[next] ?? []).reversed()
            }
            return found
        }
    }

    /// What tells the agents of a session apart: their own identity, else the span that their calls have in common, else
    /// their name.
    private enum AgentIdentity: Hashable {
        case id(String)
        case span(Span)
        case name(String?)

        /// The agent that made a call; `nil` for the lead and for the harness itself.
        init?(_ call: Call) {
            guard ThreadUsage.Caller(role: call.attribution.caller) == .subagent else { return nil }
            if let id = call.attribution.agentID {
                self = .id(id)
            } else if let parent = call.parentSpan {
                self = .span(parent)
            } else {
                self = .name(call.attribution.agentName)
            }
        }
    }
}

extension Call {
    fileprivate var parentSpan: SessionStep.Span? {
        guard let trace, let parent = trace.parentSpanID else { return nil }
        return SessionStep.Span(trace: trace.traceID, span: parent)
    }
}
