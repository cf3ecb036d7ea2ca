/** One check for many seeds; the seed that fails is named. */
export async function withSeeds(
  count: number,
  check: (seed: number) => void | Promise<void>,
  first = 0,
): Promise<void> {
  for (let seed = first; seed < first + count; seed++) {
    try {
      await check(seed);
    } catch (error) {
      throw new Error(`with seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}
