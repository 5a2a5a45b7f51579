/// One value for each field, without a dictionary.
struct PerField<Value> {
    private var uncachedInput, cacheRead, cacheWrite, output, reasoning, cost: Value

    init(repeating value: Value) {
        (uncachedInput, cacheRead, cacheWrite) = (value, value, value)
        (output, reasoning, cost) = (value, value, value)
    }

    subscript(field: Field) -> Value {
        get {
            switch field {
            case .uncachedInput: uncachedInput
            case .cacheRead: cacheRead
            case .cacheWrite: cacheWrite
            case .output: output
            case .reasoning: reasoning
            case .cost: cost
            }
        }
        set {
            switch field {
            case .uncachedInput: uncachedInput = newValue
            case .cacheRead: cacheRead = newValue
            case .cacheWrite: cacheWrite = newValue
            case .output: output = newValue
            case .reasoning: reasoning = newValue
            case .cost: cost = newValue
            }
        }
    }
}

extension PerField: Equatable where Value: Equatable {}
extension PerField: Hashable where Value: Hashable {}
extension PerField: Sendable where Value: Sendable {}
