// Stands behind the stub packages: tells the harness which endpoint's work was reached. The marker travels as `ref` in the call's arguments.
module.exports = function record(...args) {
  const match = /\bep\d+\b/.exec(JSON.stringify(args))
  if (match) globalThis.__workReached?.(match[0])
}
