import Metering

extension String {
    /// The name as one item of a list that is divided by commas.
    fileprivate var asListItem: String { replacing(",", with: "\\,") }
}

extension UsageRequest {
    /// The parameters of `/v1/usage` for this report: rows by period, harness and model, and by project where it matters.
    ///
    /// - Parameter cursor: where the page before ended; `nil` for the first.
    public func usageParameters(after cursor: String?) -> [(name: String, value: String)] {
        let period =
            switch kind {
            case .daily: "day"
            case .weekly: "week"
            case .monthly: "month"
            case .session: "session"
            }
        let project = isByProject || kind == .session ? ",project" : ""
        return [("group_by", "\(period),harness,model\(project)"), ("limit", "10000"), ("detail", "brief")]
            + commonParameters(after: cursor)
            + (kind == .weekly ? [weekStart].compactMap(\.self).map { ("week_start", $0) } : [])
    }

    /// The parameters of `/v1/sessions` for the same range.
    public func sessionParameters(after cursor: String?) -> [(name: String, value: String)] {
        [("limit", "1000")] + commonParameters(after: cursor)
    }

    private func commonParameters(after cursor: String?) -> [(name: String, value: String)] {
        let optional: [(name: String, value: String?)] = [
            ("since", since?.description), ("until", until?.description), ("timezone", timeZone), ("cost", cost),
            ("harness", harness), ("project", project?.asListItem), ("cursor", cursor),
        ]
        return optional.compactMap { parameter in parameter.value.map { (parameter.name, $0) } }
    }
}
