import Metering

extension Oracle {
    /// What the aggregates of a session say beyond its calls.
    mutating func addResiduals(of scope: Scope, _ observations: [Observation]) {
        let owned = Set(observations.filter(\.isReport).flatMap(\.fields).filter { $0.1 != 0 }.map(\.0))
        let counted = calls.values.filter { $0.scope == scope }
        for field in owned {
            let total = (unowned[scope] ?? []).reduce(0) { $0 + ($1.value(field) ?? 0) }
            let residual = total - counted.reduce(0) { $0 + ($1.value(field) ?? 0) }
            if residual > 0 { residuals[scope, default: [:]][field] = residual }
        }
        if let reasoning = residuals[scope]?["reasoning"] {
            let output = residuals[scope]?["output"] ?? 0
            residuals[scope]?["reasoning"] = output == 0 ? nil : min(reasoning, output)
        }
        if residuals[scope]?.isEmpty ?? false { residuals[scope] = nil }
    }
}
