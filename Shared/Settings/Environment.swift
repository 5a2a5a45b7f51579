import FoundationEssentials
import Synchronization

/// Settings from `TOLLBOOK_*` environment variables, as defaults of command-line flags.
///
/// A flag wins over its variable, a variable over the built-in default. A variable that cannot be read is
/// remembered and reported by ``validate()``, so that a typing error never silently means the default.
public enum Environment {
    /// The variable by which a supervisor tells the services that it starts its process id.
    public static let supervisor = "TOLLBOOK_SUPERVISOR"

    /// A variable's value, or the default when it is not set.
    public static func value<Value: LosslessStringConvertible>(_ name: String, default fallback: Value) -> Value {
        variables.value(name, default: fallback)
    }

    /// A variable's value, or `nil` when it is not set.
    public static func text(_ name: String) -> String? {
        variables.text(name)
    }

    /// Checks that every variable asked for so far could be read.
    ///
    /// - Throws: `SettingsError` that lists each variable at fault.
    public static func validate() throws(SettingsError) {
        try variables.validate()
    }

    private static let variables = EnvironmentVariables { ProcessInfo.processInfo.environment[$0] }
}

/// Variables, and which of those asked for could not be read.
final class EnvironmentVariables: Sendable {
    private let variable: @Sendable (String) -> String?
    private let faults = Mutex<[String]>([])

    /// - Parameter variable: the text of a variable, where it is set.
    init(_ variable: @escaping @Sendable (String) -> String?) {
        self.variable = variable
    }

    func value<Value: LosslessStringConvertible>(_ name: String, default fallback: Value) -> Value {
        guard let text = text(name) else { return fallback }
        guard let value = Value(text) else {
            let fault = "\(name)=\(text) is not \(Self.article(Value.self)); correct it or unset it"
            // Flags of several commands may share a variable, and each is asked for more than once.
            faults.withLock { if !$0.contains(fault) { $0.append(fault) } }
            return fallback
        }
        return value
    }

    func text(_ name: String) -> String? {
        guard let text = variable(name), !text.isEmpty else { return nil }
        return text
    }

    func validate() throws(SettingsError) {
        let found = faults.withLock { $0 }
        guard found.isEmpty else { throw SettingsError(found.joined(separator: "; ")) }
    }

    private static func article(_ type: Any.Type) -> String {
        switch type {
        case is Int.Type, is Int64.Type: "a whole number"
        case is Bool.Type: "true or false"
        default: "a valid value"
        }
    }
}

/// A setting that cannot be used, with what to do about it.
public struct SettingsError: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    public let description: String

    /// Makes an error from a sentence for the user.
    public init(_ description: String) {
        self.description = description
    }
}
