/** Where appliances take packets: the only port of their target groups. @source GWLB-1 */
export const GENEVE_PORT = 6081;
