import NIOCore
import NIOHTTPTypes

/// Sees that a request arrives in time, and throws away what still arrives of one that is answered already.
///
/// A connection whose request is late is closed: the client sees a broken connection, which it may try again, and not an
/// answer after which it would drop its data. After an early refusal, of a body that is too large for instance, the rest is
/// read, since a client that is still sending would not see the answer, but for no longer than any request may take.
final class RequestArrival: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private var closing: Scheduled<Void>?
    // Requests that began to arrive and are not answered; with pipelining there may be several.
    private var unanswered = 0
    private var isArriving = false

    init(limit: TimeAmount) {
        self.limit = limit
    }

    private var isUnwanted: Bool { isArriving && unanswered == 0 }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isArriving = true
            unanswered += 1
            closing = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
        case .body:
            if isUnwanted { return }
        case .end:
            isArriving = false
            cancel()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Nobody further in asks for more of it.
        if isUnwanted { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            unanswered -= 1
            if isUnwanted { context.read() }
        }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancel()
    }

    private func cancel() {
        closing?.cancel()
        closing = nil
    }
}
