import FoundationEssentials

/// The key that a command shows to services that ask for one: what the file named by `TOLLBOOK_KEY_FILE` holds.
///
/// A file, because arguments and variables are seen by whoever lists processes.
enum ClientKey {
    /// The value of the `Authorization` header; `nil` where no file is named or it cannot be read.
    static let authorization: String? = {
        guard let path = ProcessInfo.processInfo.environment["TOLLBOOK_KEY_FILE"], !path.isEmpty,
            let data = FileManager.default.contents(atPath: path)
        else { return nil }
        let secret = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
        return secret.isEmpty ? nil : "Bearer " + secret
    }()
}
