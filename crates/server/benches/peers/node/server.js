// The peer of the benchmark: rings by `ws`, with the state of each call in Redis.
//
// It does the least that makes a fair comparison: a call rings on all devices of the callee, one accepts, the others
// are told to stop and the caller is told. A script of Redis changes the state of the call at once and, with
// `appendfsync always`, durably; nobody is told anything before it has. No tokens, no rooms, no rules, no call log.
//
//   node server.js REDIS_PORT

'use strict';

const { createClient } = require('@redis/client');
const { WebSocketServer } = require('ws');

// A call to somebody who is being called already does not ring.
const CALL = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local attempt = redis.call('INCR', 'attempts')
redis.call('HSET', KEYS[1], 'attempt', attempt, 'caller', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return attempt`;

// Ends a call, if it is still this one, and says whose it was.
const END = `
if redis.call('HGET', KEYS[1], 'attempt') ~= ARGV[1] then return false end
local caller = redis.call('HGET', KEYS[1], 'caller')
redis.call('DEL', KEYS[1])
return caller`;

// By user: the sockets of the user's devices.
const users = new Map();
// By attempt: when it has rung for long enough.
const timers = new Map();

function tell(user, message, except) {
  const sockets = users.get(user);
  if (sockets === undefined) return;
  const text = JSON.stringify(message);
  for (const socket of sockets) if (socket !== except) socket.send(text);
}

async function main() {
  const redis = createClient({ socket: { host: '127.0.0.1', port: Number(process.argv[2]) } });
  await redis.connect();
  const call = await redis.scriptLoad(CALL);
  const end = await redis.scriptLoad(END);
  const run = (sha, callee, ...values) =>
    redis.evalSha(sha, { keys: [`call:${callee}`], arguments: values.map(String) });

  async function stop(callee, attempt, told, except) {
    const caller = await run(end, callee, attempt);
    if (caller === null) return false;
    clearTimeout(timers.get(attempt));
    timers.delete(attempt);
    tell(caller, { [told.caller]: { callee, attempt } });
    tell(callee, { [told.callee]: { attempt } }, except);
    return true;
  }

  async function hear(socket, user, text) {
    const { requestID, call: called, accept } = JSON.parse(text);
    if (called !== undefined) {
      const { callee, timeout } = called;
      const attempt = await run(call, callee, user, timeout * 1000);
      socket.send(JSON.stringify({ requestID, attempt }));
      if (attempt === 0) return;
      tell(callee, { ring: { caller: user, attempt } });
      const over = { caller: 'timedOut', callee: 'stop' };
      timers.set(attempt, setTimeout(() => stop(callee, attempt, over), timeout * 1000));
    } else if (accept !== undefined) {
      const told = { caller: 'accepted', callee: 'stop' };
      const success = await stop(user, accept.attempt, told, socket);
      socket.send(JSON.stringify({ requestID, success }));
    }
  }

  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, backlog: 4096 });
  server.on('connection', (socket, request) => {
    const user = new URL(request.url, 'http://localhost').searchParams.get('user');
    if (!users.has(user)) users.set(user, new Set());
    users.get(user).add(socket);
    socket.on('message', (text) => hear(socket, user, text));
    socket.on('close', () => users.get(user).delete(socket));
  });
  server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
}

main();
