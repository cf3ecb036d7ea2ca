// Public keys of machines that never were.
export const ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIrqtwdwdhqqniPu9eSJe4B/1TJjlll9yUgcjJtzwH9h";
export const otherEd25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICY7w4DVEIqVYEqwSRA2zrD6mmQrLlSakLjjybN40Hzc";
export const ecdsa =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBO4iZS4O4AhEjJ3c5rp45z4BXfpONH8iEkcgxF30PuihXPY/GzvA+vUl6AmVnzn1LzavhTkxmufijm/jH4p/ww=";
export const rsa =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCGfAd0UyhAa4MdRmHRJS4A1l+mgorwCVC5fAprJq2imLjeum/SAQs6f37dfKHbKcqfGktiE0brmIRUI4" +
  "/eKYjDIs6czMntAzFfAqvcgKVhau5S88tbAz10FvDSuw5elcyH0ErmaEGNK8mHvr+DEJDdrMaQMB5QunvZ9bvud6j4ohnxR0lpegYkAD+mdOBI" +
  "gbaise5rjZPRDAR2pZWo3ZnC1I2sb77h9HZUWChPI15LRg8HHgIen1sGF5Nk+YWVYui36mbOG3TyWlkkmadDTqgOFjJOMLs3Ggl5UdFQWG+0+z" +
  "VMO+t9FF/GimGaThhlV5mUzNj+DmcpS6+47PaZzWmUCLJSbV8qiulBSwpc8ksHHxs92lIXI16PueWc/VkD5DrZk0klMMnr82UiIvWxzyMNWrcf" +
  "ErcVPP/te27Kdxu2k2DBNjYJQ+7QfbhC4xaNy8F109rtKGod0Z8rTnNSeLcTtjlwcduMCWeOQON2eE7MA11TdBtZudAEhltoyvSPGLU=";

/** What `ssh-keygen -H` made of "gpu1.example.com,10.0.0.1 ${ed25519}" and "[gpu2.example.com]:2222 ${rsa}". */
export const hashed = [
  `|1|dD40AncDu1e9XFF89gb+ByOMA6Q=|x7afFaQxjIFPZhvb9DA4zHnde0M= ${ed25519}`,
  `|1|JltsnJERzN24VBC1bstHr7vvbnU=|7oBPN5S9qGQ0cFyN/YCcz3cHoew= ${ed25519}`,
  `|1|XuP2V8Ki1dq9l7xPWG19EWzqWFE=|RqZlSgvezg1R4ttPne067LI9t58= ${rsa}`,
].join("\n");
