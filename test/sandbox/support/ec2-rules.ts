/** Inputs for rules of security groups. */
export const ssh = (...cidrs: string[]) => ({
  IpProtocol: 'tcp',
  FromPort: 22,
  ToPort: 22,
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
});

export const manyCidrs = (count: number) => Array.from({ length: count }, (_, index) => `10.0.${index}.0/24`);
