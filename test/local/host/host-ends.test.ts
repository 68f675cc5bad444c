import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './fixture.ts';
import { fixtureProject } from './fixture-project.ts';
import { hostProcess, run } from './host-process.ts';

/** A process that has ended may wait to be collected by init. */
function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !readFileSync(status, 'utf8').includes('State:\tZ');
}

describe('a start that ends', () => {
  test('at a property that the laptop would play wrongly', async () => {
    const project = fixtureProject(({ state }) => {
      state.Resources.Table.Properties = { ...state.Resources.Table.Properties, Unheard: true };
    });
    const host = hostProcess(project, temporaryFolder());
    expect(await host.ended).toBe(1);
    expect(host.output()).toContain('AWS::DynamoDB::GlobalTable: the property Unheard is neither honoured nor ignored');
    expect(host.output()).not.toContain('    at ');
  });

  test('at a missing output', async () => {
    const project = fixtureProject(({ state }) => {
      delete (state.Outputs as Partial<typeof state.Outputs>).OperatorClientId;
    });
    const host = hostProcess(project, temporaryFolder());
    expect(await host.ended).toBe(1);
    expect(host.output()).toContain('no output OperatorClientId');
  });

  test('at a taken port, by its number', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as net.AddressInfo;
    const host = run(fixtureProject(), ['--data', temporaryFolder(), '--mqtt-port', String(port)]);
    expect(await host.ended).toBe(1);
    expect(host.output()).toContain(`Port ${port}, asked for with --mqtt-port, is taken.`);
  });

  test('at the command line, with exit code 2; at --help with 0', async () => {
    const wrong = run(fixtureProject(), ['--nonsense']);
    const help = run(fixtureProject(), ['--help']);
    expect(await wrong.ended).toBe(2);
    expect(wrong.output()).toContain('--nonsense');
    expect(await help.ended).toBe(0);
    expect(help.output()).toContain('--policy-cache SECONDS');
  });

  test('at a damaged service, by its file', async () => {
    const data = temporaryFolder();
    const project = fixtureProject();
    const host = hostProcess(project, data);
    await host.ready();
    host.process.kill('SIGTERM');
    await host.ended;
    const current = path.join(data, 'services/dynamodb');
    const file = ['CURRENT', 'data/CURRENT'].map((name) => path.join(current, name)).find((name) => existsSync(name));
    writeFileSync(file ?? current, 'nonsense');
    const next = hostProcess(project, data);
    expect(await next.ended).toBe(1);
    expect(next.output()).toContain(current);
    expect(next.output()).toContain('--fresh');
  });

  test('at SIGTERM in the middle of its synthesis: exit 0, and nothing left behind', async () => {
    const project = fixtureProject();
    writeFileSync(
      path.join(project, 'app.cjs'),
      "require('node:fs').writeFileSync('app.pid', String(process.pid)); setInterval(() => {}, 1000);",
    );
    const host = hostProcess(project, temporaryFolder());
    await expect.poll(() => existsSync(path.join(project, 'app.pid')), { timeout: 10_000 }).toBe(true);
    host.process.kill('SIGTERM');
    expect(await host.ended).toBe(0);
    const pid = Number(readFileSync(path.join(project, 'app.pid'), 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});
