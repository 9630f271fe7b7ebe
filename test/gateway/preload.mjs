// Loaded into both servers by harness_test.go, for two things that the gateway has no option for.
import net from 'node:net'

// Listen on the loopback interface only, on a port that the kernel picks, and say which: no other
// process can take it in between.
const { listen } = net.Server.prototype
net.Server.prototype.listen = function (...args) {
  const callback = args.find((arg) => typeof arg === 'function')
  return listen.call(this, 0, '127.0.0.1', () => {
    console.log(`\nlistening on 127.0.0.1:${this.address().port}`)
    callback?.()
  })
}

// Stdin is a pipe that closes when the test process ends in any way, also by a panic or kill -9.
process.stdin.resume().on('close', () => process.exit())
