/** Registers devices and says each one's name when it was answered, until it is killed. The first one is connected. */
import { registerDevice, startLaptop } from './laptop.ts';

const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error('wants a directory');
const laptop = await startLaptop({ dir });
for (let index = 0; ; index++) {
  const device = await registerDevice(laptop, `doomed-${index}`);
  if (index === 0) await laptop.connect(device);
  process.stdout.write(`${JSON.stringify({ registered: device.client })}\n`);
}
