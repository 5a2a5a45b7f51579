import Metering

extension UsageRequest {
    /// The parameters of `/v1/usage` for this report: rows by period, harness and model.
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
        return [("group_by", "\(period),harness,model")] + commonParameters(after: cursor)
    }

    /// The parameters of `/v1/sessions` for the same range.
    public func sessionParameters(after cursor: String?) -> [(name: String, value: String)] {
        commonParameters(after: cursor)
    }

    private func commonParameters(after cursor: String?) -> [(name: String, value: String)] {
        let optional: [(name: String, value: String?)] = [
            ("since", since?.description), ("until", until?.description), ("timezone", timeZone), ("cost", cost),
            ("cursor", cursor),
        ]
        return optional.compactMap { parameter in parameter.value.map { (parameter.name, $0) } }
    }
}
