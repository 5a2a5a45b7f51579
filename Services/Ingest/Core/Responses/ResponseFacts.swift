import Metering

/// What a request says of the answers in its body that they do not say themselves.
public struct ResponseFacts: Sendable {
    /// The names under which it may be said: members of the query, or headers `tollbook-...`.
    public static let names = [
        "session", "harness", "model", "provider", "time", "request_id", "client_request_id", "caller", "agent",
        "agent_id", "parent_agent_id", "project", "repository", "branch", "user", "team", "host", "ci_run",
    ]

    private let values: [String: String]

    /// Takes facts.
    ///
    /// - Parameter value: what is said under one of ``names``; `nil` or empty for nothing.
    public init(_ value: (String) -> String?) {
        var values: [String: String] = [:]
        for name in Self.names {
            if let text = value(name).flatMap({ BoundedText.string($0) }) { values[name] = text }
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name] }

    /// The time; `nil` when it is not said or is no time.
    var time: Timestamp? { values["time"].flatMap(Timestamp.init(rfc3339:)) }

    /// The harness; unknown when it is not said.
    var harness: Harness { values["harness"].flatMap(Harness.init(normalising:)) ?? .unknown }

    /// Who and what the answers were for, with the person as the policy keeps them.
    func attribution(_ users: UserNames) -> Attribution {
        var attribution = Attribution()
        attribution.caller = values["caller"]
        attribution.agentName = values["agent"]
        attribution.agentID = values["agent_id"]
        attribution.parentAgentID = values["parent_agent_id"]
        attribution.project = values["project"]
        attribution.repository = values["repository"]
        attribution.branch = values["branch"]
        attribution.user = values["user"].flatMap(users.kept(of:))
        attribution.team = values["team"]
        attribution.host = values["host"]
        attribution.ciRun = values["ci_run"]
        return attribution
    }

    func add(to hasher: inout RecordHasher) {
        for name in Self.names { hasher.add(values[name] ?? "") }
    }
}
