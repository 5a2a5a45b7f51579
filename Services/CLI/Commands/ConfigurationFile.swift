import Console
import FoundationEssentials
import Settings
import Wire

/// The configuration file of reports, in ccusage's form and places.
enum ConfigurationFile {
    /// The arguments of this process with those that a configuration file gives.
    ///
    /// - Throws: `Failure` for a file that was named and cannot be used.
    static func arguments(_ typed: [String]) throws -> [String] {
        guard let place = ConfiguredArguments.place(in: typed) else { return typed }
        let named = ConfiguredArguments.path(in: typed)
        for path in named.map({ [$0] }) ?? standardPaths {
            guard let text = FileManager.default.contents(atPath: path) else { continue }
            do throws(JSONError) {
                return ConfiguredArguments.merged(typed, place, try JSONDocument(json: Array(text)))
            } catch {
                // A status line has nowhere to say it.
                if place.verb == "statusline" { return typed }
                throw Failure("\(path) is not JSON (\(error)); correct it, or name another file with --config")
            }
        }
        if let named { throw Failure("the configuration file \(named) cannot be read") }
        return typed
    }

    private static var standardPaths: [String] {
        guard let home = Environment.text("HOME") else { return [".ccusage/ccusage.json"] }
        let folder = Environment.text("XDG_CONFIG_HOME") ?? home + "/.config"
        return [".ccusage/ccusage.json", folder + "/claude/ccusage.json", home + "/.claude/ccusage.json"]
    }
}
