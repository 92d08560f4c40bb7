package asyncio.bench;

import asyncio.Asyncio;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * One server under measurement, in a process of its own; prints {@code listening PORT}.
 *
 * <p>Arguments: the peer ({@code nio}, {@code netty-nio}, {@code netty-epoll}, {@code protocol},
 * {@code buffered}, {@code streams}, {@code sockets}, {@code blocking}, {@code vthreads}, {@code
 * loops-1}, {@code loops-2}, {@code netty-epoll-2}) and {@code echo} or {@code lines}; for the last
 * three and {@code netty-epoll} also {@code work}, an echo that is hard work.
 */
final class EchoServer {
  private EchoServer() {}

  public static void main(String[] args) throws Exception {
    boolean lines = args[1].equals("lines");
    boolean work = args[1].equals("work");
    switch (args[0]) {
      case "nio" -> NioServer.run(lines);
      case "netty-nio" -> NettyServer.run(false, 1, args[1]);
      case "netty-epoll" -> NettyServer.run(true, 1, args[1]);
      case "protocol" -> Asyncio.run(() -> AsyncioServer.protocol(lines));
      case "buffered" -> Asyncio.run(AsyncioServer::buffered);
      case "streams" -> Asyncio.run(() -> AsyncioServer.streams(lines));
      case "sockets" -> Asyncio.run(AsyncioServer::sockets);
      case "blocking" -> Asyncio.run(AsyncioServer::blocking);
      case "vthreads" -> virtualThreads();
      case "loops-1" -> Asyncio.run(() -> AsyncioServer.loops(1, work));
      case "loops-2" -> Asyncio.run(() -> AsyncioServer.loops(2, work));
      case "netty-epoll-2" -> NettyServer.run(true, 2, args[1]);
      default -> throw new IllegalArgumentException("no such server: " + args[0]);
    }
  }

  static void announce(int port) {
    System.out.println("listening " + port);
  }

  /** A peer: a virtual thread of the JDK's scheduler for each connection. */
  private static void virtualThreads() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress())) {
      announce(listener.getLocalPort());
      for (; ; ) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        Thread.startVirtualThread(() -> {
          try {
            AsyncioServer.answer(socket);
          } catch (IOException e) {
            // the client is gone, as all are at the end of a run
          }
        });
      }
    }
  }
}
