/** Products on a page of the list: four rows on a wide screen. */
export const PAGE_SIZE = 20;

/** What the front page asks for. */
export const frontPageQuery = {
  list: { sort: 'newest', limit: PAGE_SIZE },
  popular: { limit: 5 },
} as const;
