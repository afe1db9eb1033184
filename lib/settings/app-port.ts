/** Where the API listens behind the balancer: its HTTP_PORT. */
export const appPort = 8080;
