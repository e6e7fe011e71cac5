"""Refusals, as the SDK reads them."""

from huaweicloudsdkmodelarts.v1 import (
    CreatePoolRequest,
    DeletePoolRequest,
    ListEventsRequest,
    ListPoolNodesRequest,
    ListPoolsRequest,
    PoolSpecCreationNetwork,
    ShowNetworkRequest,
    ShowOrderRequest,
    ShowPluginTemplateRequest,
    ShowPoolRequest,
    ShowWorkspaceRequest,
)

from common import Case, client, pool_body

NOBODY = "nobody-0a1b2c3d4e5f60718293a4b5c6d7e8f9"


class Errors(Case):
    def test_what_is_not_there_is_not_found(self):
        for code, call in (
            ("50015001", lambda: self.client.show_pool(ShowPoolRequest(pool_name=NOBODY))),
            ("50015001", lambda: self.client.delete_pool(DeletePoolRequest(pool_name=NOBODY))),
            (
                "50015001",
                lambda: self.client.list_pool_nodes(ListPoolNodesRequest(pool_name=NOBODY)),
            ),
            (
                "50015001",
                lambda: self.client.list_events(ListEventsRequest(resource="pools", name=NOBODY)),
            ),
            ("50015001", lambda: self.client.show_order(ShowOrderRequest(order_name="order.none"))),
            ("50025001", lambda: self.client.show_network(ShowNetworkRequest(network_name=NOBODY))),
            (
                "50005101",
                lambda: self.client.show_plugin_template(
                    ShowPluginTemplateRequest(plugintemplate_name="none")
                ),
            ),
        ):
            self.refused(404, f"ModelArts.{code}", call)

    def test_a_name_that_is_taken_is_a_conflict(self):
        self.ready_pool("sdk-twice")
        request = CreatePoolRequest(body=pool_body("sdk-twice"))
        error = self.refused(409, "ModelArts.50015000", lambda: self.client.create_pool(request))
        self.assertIn("exists", error.error_msg)

    def test_a_wrong_request_says_what_is_wrong(self):
        body = pool_body("sdk-wrong")
        body.spec.network = PoolSpecCreationNetwork()
        request = CreatePoolRequest(body=body)
        error = self.refused(400, "ModelArts.50004000", lambda: self.client.create_pool(request))
        self.assertIn("spec.network", error.error_msg)
        body = pool_body("No-Good")
        request = CreatePoolRequest(body=body)
        self.refused(400, "ModelArts.50004000", lambda: self.client.create_pool(request))

    def test_a_workspace_that_is_not_there_is_refused(self):
        request = ListPoolsRequest(workspace_id="nowhere")
        self.refused(400, "ModelArts.0102", lambda: self.client.list_pools(request))
        request = ShowWorkspaceRequest(workspace_id="nowhere")
        self.refused(400, "ModelArts.0102", lambda: self.client.show_workspace(request))

    def test_a_wrong_secret_is_refused(self):
        stranger = client("another-secret")
        request = ListPoolsRequest()
        error = self.refused(401, "APIGW.0301", lambda: stranger.list_pools(request))
        self.assertIn("signature", error.error_msg)
        self.client.list_pools(request)
