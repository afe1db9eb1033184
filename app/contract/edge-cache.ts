/** CloudFront keeps a reply under /products for as long as the app says, and never longer than this. */
export const edgeKeepsMaxS = 60;
