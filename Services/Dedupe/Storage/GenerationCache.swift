/// A bounded cache in two generations: what was used since the last ageing, and what was used in the one before.
///
/// Ageing happens only when asked for, so that nothing that must still be written is let go.
struct GenerationCache<Key: Hashable, Value> {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let capacity: Int

    /// Makes a cache that holds at most about twice the capacity.
    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { young.count + old.count }

    subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard !old.isEmpty, let value = old.removeValue(forKey: key) else { return nil }
            young[key] = value
            return value
        }
        set {
            young[key] = newValue
            if !old.isEmpty { old[key] = nil }
        }
    }

    /// Lets go of what was not used since the generation before, once the present one is full.
    mutating func age() {
        guard young.count >= capacity else { return }
        old = young
        young = [:]
    }
}
