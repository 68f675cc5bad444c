/** Telemetry as sensors send it: temperature and humidity walk, the battery falls slowly, the signal jumps about, the state rarely changes. */

export type Random = () => number;

export type Sample = {
  readonly temperature: number;
  readonly humidity: number;
  readonly battery: number;
  readonly rssi: number;
  readonly state: string;
};

/** xorshift32: the same telemetry on each run. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function weatherStation(random: Random, decimals: number): () => Sample {
  const normal = () => random() + random() + random() + random() + random() + random() - 3;
  let temperature = 15 + 10 * random();
  let humidity = 40 + 20 * random();
  let battery = 3.3 + 0.4 * random();
  let state = 'running';
  return () => {
    temperature += 0.08 * normal();
    humidity += 0.2 * normal();
    battery -= 0.00001;
    if (random() < 0.01) state = random() < 0.8 ? 'running' : 'idle';
    return {
      temperature: Number(temperature.toFixed(decimals)),
      humidity: Number(humidity.toFixed(1)),
      battery: Number(battery.toFixed(2)),
      rssi: Math.round(-71 + 2.5 * normal()),
      state,
    };
  };
}
