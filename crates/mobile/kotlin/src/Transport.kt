package com.roomcall

import java.net.URI
import java.net.http.HttpClient
import java.net.http.WebSocket
import java.net.http.WebSocketHandshakeException
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.TimeUnit

/** Opens connections. `WebSocketTransport` is one for the JVM; on Android write one around OkHttp's WebSocket. */
fun interface Transport {
    /**
     * Begins to connect, with a token that is valid now. What comes of it is said to the listener, on any thread. If it
     * throws, `App.failed` is told, and it is tried again.
     */
    fun connect(listener: Listener): Connection
}

/** One connection, which may not have come about yet. */
interface Connection {
    /** Sends a text message. One that cannot be sent ends the connection. */
    fun send(text: String)

    /** Closes it. It may be closed already, or never have come about. */
    fun close()
}

/** What a connection says. */
interface Listener {
    /** It came about. */
    fun opened()

    /** A text message came. */
    fun received(text: String)

    /** It is over, or never came about: the close code, if there was one. */
    fun closed(code: Int?)

    /** It did not come about, because the server said no with a status of HTTP. */
    fun refused(status: Int, reason: String)
}

/**
 * Connections by `java.net.http`.
 *
 * @param token gives one that is valid now, each time.
 * @param patience how long connecting and sending may take.
 */
class WebSocketTransport(
    private val uri: URI,
    private val http: HttpClient = HttpClient.newHttpClient(),
    private val patience: Duration = Duration.ofSeconds(10),
    private val token: () -> String,
) : Transport {
    override fun connect(listener: Listener): Connection {
        val opening = http.newWebSocketBuilder()
            .header("Authorization", "Bearer ${token()}")
            .connectTimeout(patience)
            .buildAsync(uri, Adapter(listener))
        opening.whenComplete { _, error ->
            when (val cause = error?.cause ?: error) {
                null -> {}
                is WebSocketHandshakeException -> {
                    val response = cause.response
                    listener.refused(response.statusCode(), (response.body() ?: "").toString())
                }
                else -> listener.closed(null)
            }
        }
        return Socket(opening, listener)
    }

    private inner class Socket(
        private val opening: CompletableFuture<WebSocket>,
        private val listener: Listener,
    ) : Connection {
        /** A WebSocket of Java's takes a message only when the one before is sent. */
        private var sent: CompletableFuture<WebSocket> = opening

        @Synchronized
        override fun send(text: String) {
            sent = sent.thenCompose { socket ->
                socket.sendText(text, true).orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
            }
            sent.exceptionally {
                opening.thenAccept { socket -> socket.abort() }
                listener.closed(null)
                null
            }
        }

        override fun close() {
            opening.thenAccept { socket ->
                socket.sendClose(WebSocket.NORMAL_CLOSURE, "")
                // Where the network is gone nothing answers that.
                val later = CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS)
                later.execute { socket.abort() }
            }
        }
    }

    private class Adapter(private val listener: Listener) : WebSocket.Listener {
        private val parts = StringBuilder()

        override fun onOpen(socket: WebSocket) {
            listener.opened()
            socket.request(1)
        }

        override fun onText(socket: WebSocket, data: CharSequence, last: Boolean): CompletionStage<*>? {
            parts.append(data)
            if (last) {
                listener.received(parts.toString())
                parts.clear()
            }
            socket.request(1)
            return null
        }

        override fun onClose(socket: WebSocket, code: Int, reason: String): CompletionStage<*>? {
            listener.closed(code)
            return null
        }

        override fun onError(socket: WebSocket, error: Throwable) = listener.closed(null)
    }
}
