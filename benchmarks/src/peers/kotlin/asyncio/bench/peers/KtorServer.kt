package asyncio.bench.peers

import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.InetSocketAddress
import io.ktor.network.sockets.aSocket
import io.ktor.network.sockets.openReadChannel
import io.ktor.network.sockets.openWriteChannel
import io.ktor.utils.io.availableForRead
import io.ktor.utils.io.readAvailable
import io.ktor.utils.io.readLine
import io.ktor.utils.io.writeFully
import io.ktor.utils.io.writeStringUtf8
import java.util.concurrent.Executors
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/**
 * A peer of the network benchmarks: Kotlin coroutines with the sockets of Ktor, one thread. Prints `listening PORT`.
 * Argument: `echo` or `lines`.
 */
object KtorServer {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val lines = arguments[0] == "lines"
        val thread = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
        runBlocking(thread) {
            val server = aSocket(SelectorManager(thread)).tcp().bind("127.0.0.1", 0) { backlogSize = 4096 }
            println("listening ${(server.localAddress as InetSocketAddress).port}")
            while (true) {
                val socket = server.accept()
                launch {
                    val input = socket.openReadChannel()
                    val output = socket.openWriteChannel(autoFlush = !lines)
                    try {
                        if (lines) {
                            while (true) {
                                output.writeStringUtf8(input.readLine() ?: break)
                                output.writeStringUtf8("\n")
                                if (input.availableForRead == 0) output.flush()
                            }
                        } else {
                            val buffer = ByteArray(256 * 1024)
                            while (true) {
                                val n = input.readAvailable(buffer)
                                if (n < 0) break
                                output.writeFully(buffer, 0, n)
                            }
                        }
                    } catch (_: java.io.IOException) {
                        // the client is gone
                    } finally {
                        socket.close()
                    }
                }
            }
        }
    }
}
