"""Networks: created, changed, looked into and deleted."""

from huaweicloudsdkmodelarts.v1 import (
    CreateNetworkRequest,
    DeleteNetworkRequest,
    ListNetworksRequest,
    NetworkConnection,
    NetworkCreationRequest,
    NetworkMetadataAnnotations,
    NetworkMetadataCreation,
    NetworkMetadataLabels,
    NetworkMetadataUpdate,
    NetworkSpec,
    NetworkSpecUpdate,
    NetworkUpdateRequest,
    PatchNetworkRequest,
    PeerConnectionItem,
    ShowNetworkAvailableIpRequest,
    ShowNetworkRequest,
)

from common import MERGE_PATCH, NETWORK, PROJECT, Case, until


class Networks(Case):
    def create(self, name, cidr="192.168.0.0/20"):
        labels = NetworkMetadataLabels(os_modelarts_name=name)
        body = NetworkCreationRequest(
            api_version="v1",
            kind="Network",
            metadata=NetworkMetadataCreation(labels=labels),
            spec=NetworkSpec(cidr=cidr),
        )
        return self.client.create_network(CreateNetworkRequest(body=body))

    def look(self, network):
        return self.client.show_network(ShowNetworkRequest(network_name=network))

    def active(self, name):
        network = self.create(name).metadata.name
        until(lambda: self.look(network), lambda shown: shown.status.phase == "Active")
        return network

    def test_a_network_is_created_and_becomes_active(self):
        created = self.create("sdk-net-a")
        self.assertEqual(created.metadata.name, f"sdk-net-a-{PROJECT}")
        shown = until(lambda: self.look(created.metadata.name), lambda n: n.status.phase == "Active")
        self.assertEqual(shown.spec.cidr, "192.168.0.0/20")

    def test_networks_are_listed_page_by_page(self):
        network = self.active("sdk-net-b")
        names, token = [], None
        while True:
            page = self.client.list_networks(ListNetworksRequest(limit=1, _continue=token))
            names += [item.metadata.name for item in page.items]
            token = page.metadata._continue
            if not token:
                break
        self.assertIn(network, names)
        self.assertIn(NETWORK, names)

    def change(self, network, **parts):
        body = NetworkUpdateRequest(**parts)
        request = PatchNetworkRequest(network_name=network, body=body)
        invoker = self.client.patch_network_invoker(request)
        return invoker.add_header("Content-Type", MERGE_PATCH).invoke()

    def connect(self, network, *peers):
        connection = NetworkConnection(peer_connection_list=list(peers))
        self.change(network, spec=NetworkSpecUpdate(connection=connection))

        def states(shown):
            states = shown.status.connection_status.peer_connection_status or []
            return {(p.peer_vpc_id, p.peer_subnet_id, p.default_gate_way, p.phase) for p in states}

        wanted = {(p.peer_vpc_id, p.peer_subnet_id, bool(p.default_gate_way), "Active") for p in peers}
        return until(lambda: self.look(network), lambda shown: states(shown) == wanted)

    def test_connections_are_replaced_as_a_whole(self):
        network = self.active("sdk-net-c")
        first = PeerConnectionItem(peer_vpc_id="vpc", peer_subnet_id="subnet")
        second = PeerConnectionItem(peer_vpc_id="vpc", peer_subnet_id="other")
        gateway = PeerConnectionItem(
            peer_vpc_id="gateway", peer_subnet_id="subnet", default_gate_way=True
        )
        self.connect(network, first, second)
        shown = self.connect(network, second, gateway)
        self.assertEqual(len(shown.spec.connection.peer_connection_list), 2)
        self.connect(network)

    def test_a_description_is_written_changed_and_emptied(self):
        network = self.active("sdk-net-h")
        for text in ["one", "two", ""]:
            annotations = NetworkMetadataAnnotations(os_modelarts_description=text)
            self.change(network, metadata=NetworkMetadataUpdate(annotations=annotations))
            shown = self.look(network).metadata
            self.assertEqual(shown.annotations.os_modelarts_description, text)
            self.assertEqual(shown.labels.os_modelarts_workspace_id, "0")

    def test_free_addresses_are_counted(self):
        network = self.active("sdk-net-e")
        request = ShowNetworkAvailableIpRequest(network_name=network, network_id="any")
        subnets = self.client.show_network_available_ip(request).subnet_ip_availability
        self.assertEqual(subnets[0].cidr, "192.168.0.0/20")
        self.assertEqual(subnets[0].ip_version, 4)

    def test_a_network_is_deleted_unless_a_pool_uses_it(self):
        network = self.active("sdk-net-d")
        self.client.delete_network(DeleteNetworkRequest(network_name=network))

        def there():
            listed = self.client.list_networks(ListNetworksRequest()).items
            return network in [item.metadata.name for item in listed]

        until(there, lambda is_there: not is_there)
        self.ready_pool("sdk-net-pool")
        used = DeleteNetworkRequest(network_name=NETWORK)
        self.refused(409, "ModelArts.50025002", lambda: self.client.delete_network(used))

    def test_a_name_is_taken_once(self):
        self.active("sdk-net-f")
        self.refused(409, "ModelArts.50025000", lambda: self.create("sdk-net-f"))
        wrong = "10.0.0.0/30"
        self.refused(400, "ModelArts.50004000", lambda: self.create("sdk-net-g", wrong))
