import Campaigns
import Foundation

/// The long delivery campaign; `deploy/campaign` starts it.
@main
enum Campaign {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let calls = Int(arguments[2]), let kills = Int(arguments[3]),
            let seed = UInt64(arguments[4])
        else {
            print("usage: Campaign FOLDER-WITH-EXECUTABLES CALLS KILLS SEED")
            exit(64)
        }
        let campaign = DeliveryCampaign(executables: arguments[1], calls: calls, kills: kills, seed: seed)
        let report = try campaign.run()
        print(report)
        print(report.isExact ? "1 passed, 0 failed" : "0 passed, 1 failed")
        exit(report.isExact ? 0 : 1)
    }
}
