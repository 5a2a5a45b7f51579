/// Who and what a call was made for; every part is optional.
public struct Attribution: Hashable, Sendable {
    /// The role of the caller inside the harness: `lead`, `subagent`, `title`, `compact`, ...
    public var caller: String?
    /// The name of the agent that called, such as `Explore`.
    public var agentName: String?
    /// The identity of the agent instance that called.
    public var agentID: String?
    /// The identity of the agent that started it.
    public var parentAgentID: String?
    /// The project, as the harness names it.
    public var project: String?
    /// The source repository.
    public var repository: String?
    /// The branch that was checked out.
    public var branch: String?
    /// The user, after the deployment's identity policy (dropped, pseudonym or kept).
    public var user: String?
    /// The team.
    public var team: String?
    /// The machine.
    public var host: String?
    /// The continuous-integration run.
    public var ciRun: String?

    /// Makes an empty attribution.
    public init() {}

    /// Whether nothing is known.
    public var isEmpty: Bool { self == Attribution() }

    /// Fills what is missing here from another attribution.
    public func filled(from other: Attribution) -> Attribution {
        var result = self
        result.caller = caller ?? other.caller
        result.agentName = agentName ?? other.agentName
        result.agentID = agentID ?? other.agentID
        result.parentAgentID = parentAgentID ?? other.parentAgentID
        result.project = project ?? other.project
        result.repository = repository ?? other.repository
        result.branch = branch ?? other.branch
        result.user = user ?? other.user
        result.team = team ?? other.team
        result.host = host ?? other.host
        result.ciRun = ciRun ?? other.ciRun
        return result
    }
}
