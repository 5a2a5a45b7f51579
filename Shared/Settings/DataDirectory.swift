import FoundationEssentials

/// Where a service keeps its files: one folder for each service below `TOLLBOOK_DATA`.
public enum DataDirectory {
    /// The folder all services share: `TOLLBOOK_DATA`, else `tollbook` in the user's data folder (XDG).
    public static var root: String {
        if let data = Environment.text("TOLLBOOK_DATA") { return data }
        let home = Environment.text("HOME") ?? "."
        let dataHome = Environment.text("XDG_DATA_HOME") ?? home + "/.local/share"
        return dataHome + "/tollbook"
    }

    /// Makes a service's folder, readable by its owner only, and gives its path.
    ///
    /// - Throws: `SettingsError` when the folder cannot be made.
    public static func make(_ path: String) throws(SettingsError) -> String {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            return path
        } catch {
            throw SettingsError(
                "cannot make the data folder \(path): \(error); "
                    + "choose another with --data or TOLLBOOK_DATA")
        }
    }
}
