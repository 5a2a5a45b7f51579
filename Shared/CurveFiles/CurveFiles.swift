import Foundation
public import Settings
public import ZeroMQ

/// The files of CURVE keys in one folder.
public struct CurveFiles: Sendable {
    private let folder: String

    /// Names a folder.
    public init(folder: String) {
        self.folder = folder
    }

    /// Makes the keys of a process: `NAME.key`, readable by its owner alone, and `NAME.pub`, for everybody it talks to.
    ///
    /// - Returns: the paths of both.
    /// - Throws: `SettingsError` where the name is none, or has keys.
    public func make(name: String) throws -> (key: String, publicKey: String) {
        let isName =
            !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
        guard isName else {
            throw SettingsError("\(name) is no name of a process; use small letters, digits and hyphens")
        }
        _ = try DataDirectory.make(folder)
        let pair = try CurveKeyPair.generate()
        let (key, publicKey) = (path(name, "key"), path(name, "pub"))
        try write("\(pair.publicKey.text)\n\(pair.secretKey.text)\n", to: key, mode: 0o600)
        try write("\(pair.publicKey.text)\n", to: publicKey, mode: 0o644)
        return (key, publicKey)
    }

    /// Whether a process has keys here.
    public func hasPair(named name: String) -> Bool { FileManager.default.fileExists(atPath: path(name, "key")) }

    /// Lets a process in whose public key this is; another key of that name gives way.
    public func add(_ key: CurveKey, named name: String) throws(SettingsError) {
        let path = path(name, "pub")
        if let known = try publicKeys()[name] {
            guard known != key else { return }
            unlink(path)
        }
        try write("\(key.text)\n", to: path, mode: 0o644)
    }

    /// Both keys of a process.
    ///
    /// - Throws: `SettingsError` that says what is wrong with its file.
    public func pair(named name: String) throws(SettingsError) -> CurveKeyPair {
        let path = path(name, "key")
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError(
                "\(path) cannot be read; make it with tollbook keys curve \(name) --folder \(folder), and copy \(name).pub "
                    + "to where its peers run")
        }
        guard SecretFile.isExposed(path) == false else {
            throw SettingsError("others may read the secret key \(path); close it with chmod 600")
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count == 2, let publicKey = CurveKey(lines[0]), let secretKey = CurveKey(lines[1]) else {
            throw SettingsError("\(path) does not hold a pair of CURVE keys; make it anew with tollbook keys curve")
        }
        return CurveKeyPair(publicKey: publicKey, secretKey: secretKey)
    }

    /// The public keys, by the names of their processes.
    public func publicKeys() throws(SettingsError) -> [String: CurveKey] {
        try Self.publicKeys(in: folder)
    }

    /// The public keys of guests, `FOLDER/GROUP/NAME.pub`, with their groups; none where there is no such folder.
    ///
    /// - Throws: `SettingsError`, also where one key is of two groups.
    public func publicKeys(ofGroupsIn subfolder: String) throws(SettingsError) -> [CurveKey: String] {
        let root = folder + "/" + subfolder
        guard FileManager.default.fileExists(atPath: root) else { return [:] }
        guard let groups = try? FileManager.default.contentsOfDirectory(atPath: root) else {
            throw SettingsError("the folder of guests' CURVE keys \(root) cannot be read")
        }
        var keys: [CurveKey: String] = [:]
        for group in groups.sorted() {
            for key in try Self.publicKeys(in: root + "/" + group).values {
                if let other = keys.updateValue(group, forKey: key), other != group {
                    throw SettingsError("\(root)/\(other) and \(root)/\(group) hold the same key; give each its own")
                }
            }
        }
        return keys
    }

    private static func publicKeys(in folder: String) throws(SettingsError) -> [String: CurveKey] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw SettingsError("the folder of CURVE keys \(folder) cannot be read")
        }
        var keys: [String: CurveKey] = [:]
        for name in names where name.hasSuffix(".pub") {
            let data = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
            let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard let key = CurveKey(text) else {
                throw SettingsError("\(folder)/\(name) does not hold a public CURVE key")
            }
            keys[String(name.dropLast(4))] = key
        }
        return keys
    }

    private func path(_ name: String, _ kind: String) -> String { "\(folder)/\(name).\(kind)" }

    private func write(_ text: String, to path: String, mode: mode_t) throws(SettingsError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw SettingsError(
                errno == EEXIST
                    ? "\(path) exists; remove it to have new keys made, and copy the new .pub to every peer"
                    : "cannot make \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw SettingsError("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}
