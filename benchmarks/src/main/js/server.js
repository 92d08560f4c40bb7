// A peer of the network benchmarks: a server on Node. Prints `listening PORT`. Argument: echo or lines.
'use strict';

const net = require('node:net');

const lines = process.argv[2] === 'lines';
const NEWLINE = 10;

function answer(socket) {
  socket.on('data', (data) => socket.write(data));
}

/** Answers each line with a write of its own; those of one piece leave together. */
function answerLines(socket) {
  let rest = Buffer.alloc(0);
  socket.on('data', (data) => {
    const all = rest.length ? Buffer.concat([rest, data]) : data;
    let start = 0;
    socket.cork();
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, start)) {
      socket.write(all.subarray(start, end + 1));
      start = end + 1;
    }
    socket.uncork();
    rest = all.subarray(start);
  });
}

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  (lines ? answerLines : answer)(socket);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(`listening ${server.address().port}`));
