import Campaigns
import Supervision
import Support
import Testing

extension EndToEndTests {
    /// A short campaign of what `deploy/campaign` does for long: 150 kills for 100,000 calls, and all other faults.
    @Suite struct KillCampaignTests {
        @Test(arguments: [20_261_121 as UInt64])
        func `nothing is lost and nothing counts twice whatever dies or fails`(seed: UInt64) throws {
            let campaign = DeliveryCampaign(
                executables: RunningServices.productsFolder, calls: 20_000, kills: 30, seed: seed)
            let report = try campaign.run()
            #expect(report.isExact, "\(report)")
            #expect(report.made.total.calls == 20_000)
            #expect(Set(report.faults.keys) == Set(Fault.allCases), "every fault happened")
            #expect(report.faults[.kill, default: 0] >= 30)
            #expect(Set(report.kills.keys) == Set(Service.allCases), "every service was killed")
            print(report)
        }
    }
}
