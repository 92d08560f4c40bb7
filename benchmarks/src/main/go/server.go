// A peer of the network benchmarks: a server in Go, on one processor. Prints `listening PORT`.
// Argument: echo or lines.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"runtime"
)

func answer(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, 16*1024)
	for {
		n, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err := connection.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// Answers each line with a write of its own, which leave when nothing more is at hand.
func answerLines(connection net.Conn) {
	defer connection.Close()
	reader, writer := bufio.NewReader(connection), bufio.NewWriter(connection)
	for {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return
		}
		writer.Write(line)
		if reader.Buffered() == 0 {
			writer.Flush()
		}
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if len(os.Args) > 1 && os.Args[1] == "lines" {
			go answerLines(connection)
		} else {
			go answer(connection)
		}
	}
}
