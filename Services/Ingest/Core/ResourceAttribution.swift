import Metering

/// The attributes of a resource, or of a record, that say who and what usage was for: this is the whole list.
///
/// Everything else in a resource is hashed into identities and goes no further.
enum ResourceAttribution {
    /// What a resource says, for all of its records.
    static func attribution(of resource: Attributes) -> Attribution {
        var attribution = Attribution()
        attribution.project = resource.text(firstOf: "project.id", "project.name", "project")
        attribution.repository =
            resource.text(firstOf: "vcs.repository.name", "vcs.repository.url.full", "repository.name", "repository")
            .map(withoutCredentials)
        attribution.branch = resource.text(firstOf: "vcs.ref.head.name", "git.branch", "branch")
        attribution.team = resource.text(firstOf: "team.id", "team.name", "team")
        attribution.host = resource.text("host.name")
        attribution.ciRun = resource.text(firstOf: "cicd.pipeline.run.id", "ci.run.id", "ci.run_id")
        return attribution
    }

    /// The person behind a record, best name first; still to pass the deployment's policy.
    static func user(of attributes: Attributes) -> String? {
        attributes.text(firstOf: "user.email", "user.account_uuid", "user.account_id", "user.id", "enduser.id")
    }

    /// An address without the user name and password that some tools write into it.
    static func withoutCredentials(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        let rest = address[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return address }
        return String(address[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}
