/**
 * Draws ranks from 0 to `places` − 1, rank k with weight 1 / (k + 1)^exponent. Exponent 0 is uniform; sales
 * of a shop are close to 1 (1.0 over 1,000 products gives the first one 13 % of all draws).
 */
export function zipfSampler(places: number, exponent: number, random: () => number): () => number {
  const cumulative = new Float64Array(places);
  let sum = 0;
  for (let place = 0; place < places; place += 1) {
    sum += (place + 1) ** -exponent;
    cumulative[place] = sum;
  }
  return () => {
    const wanted = random() * sum;
    let low = 0;
    let high = places - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
