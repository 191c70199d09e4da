/**
 * The order of devices by power, without jitter: a device passes the one above it only when it clearly draws more.
 * Newcomers are placed by their power; those that are gone drop out.
 */
export function rerank(order: string[], powerW: (id: string) => number, present: string[]): string[] {
  const here = new Set(present);
  const kept = order.filter((id) => here.has(id));
  const known = new Set(kept);
  const result = [...kept, ...present.filter((id) => !known.has(id)).sort((a, b) => powerW(b) - powerW(a))];
  for (let index = 1; index < result.length; index++) {
    const id = result[index]!;
    let place = index;
    while (place > 0 && passes(powerW(id), powerW(result[place - 1]!), known.has(id))) place--;
    result.splice(index, 1);
    result.splice(place, 0, id);
  }
  return result;
}

function passes(lowerW: number, upperW: number, settled: boolean): boolean {
  return settled ? lowerW > upperW * 1.12 + 8 : lowerW > upperW;
}
