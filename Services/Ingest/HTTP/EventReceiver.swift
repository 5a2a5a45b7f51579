import Harnesses
import Hummingbird
import Metering

/// Takes in what readers on other machines made of files and of commands' output.
struct EventReceiver: Sendable {
    let intake: Intake
    let reception: Reception

    /// Adds the route.
    func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.post("/v1/events") { request, _ in
            guard request.headers[.contentType].map(mediaType(of:)) == TranscriptReceiver.contentType else {
                throw Refusal.unsupportedMediaType(expected: TranscriptReceiver.contentType)
            }
            let result = try await reception.take(request) { body, _ throws(Refusal) in
                do throws(EventsError) {
                    return try intake.readEvents(body)
                } catch {
                    switch error {
                    case .malformed: throw .undecodable(error.description)
                    case .tooManyEvents: throw .tooManyRecords(error.description)
                    }
                }
            }
            return IntakeAnswer.response(result)
        }
    }
}
