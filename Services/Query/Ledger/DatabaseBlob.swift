import Foundation
import GRDB

/// Bytes as a value of the database.
struct DatabaseBlob: DatabaseValueConvertible {
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var databaseValue: DatabaseValue { Data(bytes).databaseValue }

    static func fromDatabaseValue(_ value: DatabaseValue) -> DatabaseBlob? {
        Data.fromDatabaseValue(value).map { DatabaseBlob(bytes: Array($0)) }
    }
}
