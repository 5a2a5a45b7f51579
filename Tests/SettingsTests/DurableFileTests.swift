import Foundation
import Settings
import Testing

struct DurableFileTests {
    @Test func `a file is replaced whole, readable by its owner alone, with nothing left beside it`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tollbook-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = folder + "/keys.json"
        // What a process that was killed has left.
        try Data("a longer draft".utf8).write(to: URL(filePath: path + ".new"))
        for text in ["one", "other", ""] {
            try DurableFile.replace(path, with: Array(text.utf8))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["keys.json"])
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // A folder stands in its place: there is no file, and no draft.
        try FileManager.default.createDirectory(atPath: folder + "/folder/in", withIntermediateDirectories: true)
        #expect(throws: SettingsError.self) { try DurableFile.replace(folder + "/folder", with: [1]) }
        #expect(!FileManager.default.fileExists(atPath: folder + "/folder.new"))
        #expect(throws: SettingsError.self) { try DurableFile.replace(folder + "/nowhere/file", with: [1]) }
        #expect(throws: SettingsError.self) { try DurableFile.synchronize(folder + "/nowhere") }
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test(arguments: [
        ("/a/b", "/a"), ("/a/b/", "/a"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b", "a"), ("./a", "."),
    ])
    func `the folder of a path is told without looking`(path: String, folder: String) {
        #expect(DurableFile.folder(of: path) == folder)
    }
}
